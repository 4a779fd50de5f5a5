{{- /*
veche.services: the services that run as JSON, by name: the catalogue's line, `defaults` and the service's own values over each other, and
what follows from them: fullname, replicas (or min and max), drain.
*/}}
{{- define "veche.services" -}}
{{- $services := dict -}}
{{- range $name, $line := include "veche.catalogue" . | fromYaml -}}
  {{- if or (eq $line.topology $.Values.topology) (eq $line.topology $.Values.prepare) -}}
    {{- $own := index $.Values.services $name | default dict -}}
    {{- $service := mustMergeOverwrite (deepCopy $line) (deepCopy $.Values.defaults) (deepCopy $own) -}}
    {{- $_ := set $service "service" $name -}}
    {{- $_ = set $service "fullname" ($own.name | default (include "veche.fullname" (dict "root" $ "component" $name))) -}}
    {{- $wanted := include "veche.wanted" (dict "root" $ "service" $name) | int -}}
    {{- $_ = set $service "pods" (int ($service.replicas | default $service.autoscaling.minReplicas | default $wanted)) -}}
    {{- $_ = set $service "most" $service.pods -}}
    {{- if $service.autoscaling.enabled -}}
      {{- $most := int ($service.autoscaling.maxReplicas | default (max (mul 2 $wanted) (add 1 $service.pods))) -}}
      {{- if and (eq $name "chat") (not $service.autoscaling.maxReplicas) -}}{{- $most = min $most (include "veche.queues" $ | int) -}}{{- end -}}
      {{- $_ = set $service "most" $most -}}
    {{- end -}}
    {{- $_ = set $service "drain" (include "veche.drain" (dict "root" $ "sockets" $service.sockets "doors" $service.doors) | fromJson) -}}
    {{- $_ = set $services $name $service -}}
  {{- end -}}
{{- end -}}
{{- $services | toJson -}}
{{- end -}}

{{- /* veche.hasSplit: "true" where RabbitMQ is needed. */}}
{{- define "veche.hasSplit" -}}{{- if or (eq .Values.topology "split") (eq .Values.prepare "split") -}}true{{- end -}}{{- end -}}

{{- /* veche.fanout: of a service. While both topologies run each has one that its app knows. Takes (dict "root" $ "service" {…}). */}}
{{- define "veche.fanout" -}}
{{- $values := .root.Values -}}
{{- if eq .service.topology $values.topology -}}{{ $values.fanout }}
{{- else if eq .service.topology "split" -}}own
{{- else -}}{{ empty $values.redis.host | ternary "postgres" "redis" }}{{- end -}}
{{- end -}}

{{- /* veche.queues: command queues, of which each owner needs one. */}}
{{- define "veche.queues" -}}{{ .Values.settings.BUS_COMMAND_QUEUES | default 8 | int }}{{- end -}}

{{- /* veche.image: of an app. Takes (dict "root" $ "app" "chat"). */}}
{{- define "veche.image" -}}
{{- $image := .root.Values.image -}}
{{- $name := printf "%s%s%s" $image.prefix $image.repository (ternary (printf "-%s" .app) "" $image.perApp) -}}
{{- if $image.digest -}}{{ printf "%s@%s" $name $image.digest }}{{- else -}}{{ printf "%s:%s" $name ($image.tag | default .root.Chart.AppVersion) }}{{- end -}}
{{- end -}}

{{- /* veche.resources: memory limit = request: what a pod may take it has been given, and no neighbour's growth kills it. Takes an object with cpu, memory and cpuLimit. */}}
{{- define "veche.resources" -}}
requests: { cpu: {{ .cpu | quote }}, memory: {{ .memory | quote }} }
limits: { memory: {{ .memory | quote }}{{ with .cpuLimit }}, cpu: {{ . | quote }}{{ end }} }
{{- end -}}

{{- /* veche.gatewaySelector: pods that hold connections. */}}
{{- define "veche.gatewaySelector" -}}
{{- $gateways := list -}}
{{- range $name, $service := include "veche.services" . | fromJson -}}{{- if $service.sockets -}}{{- $gateways = append $gateways $name -}}{{- end -}}{{- end -}}
app.kubernetes.io/instance={{ .Release.Name }},app.kubernetes.io/component in ({{ join "," $gateways }})
{{- end -}}

{{- /* veche.fullnames: of all that runs, as alternatives of a pattern. */}}
{{- define "veche.fullnames" -}}
{{- $names := list -}}
{{- range include "veche.services" . | fromJson -}}{{- $names = append $names .fullname -}}{{- end -}}
{{- join "|" $names -}}
{{- end -}}
