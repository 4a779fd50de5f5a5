{{- /* veche.serverPorts: ports of Postgres, Redis, RabbitMQ and the collector, as they are configured, as a JSON list. */}}
{{- define "veche.serverPorts" -}}
{{- $values := .Values -}}
{{- $ports := list (include "veche.portOf" (list $values.postgres.host $values.postgres.port) | int) -}}
{{- range $values.postgres.replicas -}}{{- $ports = append $ports (include "veche.portOf" (list . $values.postgres.port) | int) -}}{{- end -}}
{{- with $values.postgres.pooler -}}
  {{- if .host -}}{{- $ports = append $ports (include "veche.portOf" (list .host .port) | int) -}}{{- end -}}
  {{- if .replicaHost -}}{{- $ports = append $ports (include "veche.portOf" (list .replicaHost .port) | int) -}}{{- end -}}
{{- end -}}
{{- if $values.redis.host -}}{{- $ports = append $ports (int $values.redis.port) -}}{{- end -}}
{{- if include "veche.hasSplit" . -}}
  {{- range $values.rabbitmq.hosts -}}{{- $ports = append $ports (include "veche.portOf" (list . $values.rabbitmq.port) | int) -}}{{- end -}}
{{- end -}}
{{- with $values.tracing.endpoint -}}
  {{- $ports = append $ports (include "veche.portOf" (list ((urlParse .).host) (hasPrefix "https" . | ternary 443 80)) | int) -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}

{{- /* veche.portOf: (list "host:port" default) */}}
{{- define "veche.portOf" -}}
{{- $parts := splitList ":" (index . 0) -}}{{- if gt (len $parts) 1 -}}{{ last $parts }}{{- else -}}{{ int (index . 1) }}{{- end -}}
{{- end -}}
