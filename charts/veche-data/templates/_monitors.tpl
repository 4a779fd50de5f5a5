{{- /* veche-data.monitors: a list of {component, selector, port}, one for each server that says something. The operators' own monitors are deprecated. */}}
{{- define "veche-data.monitors" -}}
{{- $pg := .Values.postgres -}}
{{- $mq := .Values.rabbitmq -}}
{{- $monitors := list -}}
{{- if eq $pg.mode "operator" -}}
  {{- $cluster := include "veche.fullname" (dict "root" . "component" "postgres") -}}
  {{- $monitors = append $monitors (dict "component" "postgres" "port" "metrics" "selector" (dict "cnpg.io/cluster" $cluster "cnpg.io/podRole" "instance")) -}}
  {{- if $pg.pooler.enabled -}}
    {{- $monitors = append $monitors (dict "component" "pooler" "port" "metrics" "selector" (dict "cnpg.io/cluster" $cluster "cnpg.io/podRole" "pooler")) -}}
  {{- end -}}
{{- end -}}
{{- if ne $mq.mode "external" -}}
  {{- $monitors = append $monitors (dict "component" "rabbitmq" "port" "prometheus" "selector" (include "veche-data.rabbitmqPods" . | fromYaml)) -}}
{{- end -}}
{{- toYaml $monitors -}}
{{- end -}}
