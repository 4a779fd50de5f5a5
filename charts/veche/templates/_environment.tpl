{{- /* veche.poolSizes: connections of one process with clients to Postgres, as JSON {pool, overflow}: 10 + 5, behind a pooler more of them the more people there are, or what `postgres.maxConnections` leaves to each. */}}
{{- define "veche.poolSizes" -}}
{{- $settings := .Values.settings -}}
{{- $pool := 10 -}}{{- $overflow := 5 -}}
{{- if .Values.postgres.pooler.host -}}
  {{- if gt (int .Values.capacity.expectedConnections) 10000 -}}{{- $pool = 20 -}}{{- $overflow = 30 -}}
  {{- else if gt (int .Values.capacity.expectedConnections) 1000 -}}{{- $pool = 15 -}}{{- $overflow = 25 -}}{{- end -}}
{{- else if gt (int .Values.postgres.maxConnections) 0 -}}
  {{- $each := div (sub (int .Values.postgres.maxConnections) (include "veche.reservedConnections" . | int)) (include "veche.mostPods" . | int) -}}
  {{- $pool = min 10 (max 2 (div (mul $each 2) 3)) -}}
  {{- $overflow = min 5 (max 0 (sub $each $pool)) -}}
{{- end -}}
{{- dict "pool" (int ($settings.PG_POOL_SIZE | default $pool)) "overflow" (int (hasKey $settings "PG_MAX_OVERFLOW" | ternary $settings.PG_MAX_OVERFLOW $overflow)) | toJson -}}
{{- end -}}

{{- /* veche.reservedConnections: the server's own three, the migration, and one in need: what pools may not take. */}}
{{- define "veche.reservedConnections" -}}6{{- end -}}

{{- /* veche.preparedPool: connections of a process that has no clients yet. */}}
{{- define "veche.preparedPool" -}}2{{- end -}}

{{- /* veche.preparedPods */}}
{{- define "veche.preparedPods" -}}
{{- $pods := 0 -}}
{{- range include "veche.services" . | fromJson -}}{{- if ne .topology $.Values.topology -}}{{- $pods = add $pods (int .pods) -}}{{- end -}}{{- end -}}
{{- $pods -}}
{{- end -}}

{{- /* veche.mostPods: pods with a pool of that size at the worst moment: all that autoscaling allows, and in a rollout of every service one that comes and one that drains. */}}
{{- define "veche.mostPods" -}}
{{- $most := 0 -}}
{{- range include "veche.services" . | fromJson -}}{{- if eq .topology $.Values.topology -}}{{- $most = add $most (int .most) 2 -}}{{- end -}}{{- end -}}
{{- $most -}}
{{- end -}}

{{- /* veche.settings: what a service's ConfigMap holds: the chart's, `settings`, the service's own, the later over the earlier. Takes (dict "root" $ "service" {…}). */}}
{{- define "veche.settings" -}}
{{- $values := .root.Values -}}
{{- $pools := ternary (include "veche.poolSizes" .root | fromJson) (dict "pool" (include "veche.preparedPool" .) "overflow" 0) (eq .service.topology $values.topology) -}}
{{- $settings := dict "VECHE_HOST" "0.0.0.0" "VECHE_PORT" 8000 "VECHE_PRIVATE_PORT" 8001 "BUS_FANOUT" (include "veche.fanout" .) -}}
{{- $_ := set $settings "PG_POOL_SIZE" $pools.pool -}}
{{- $_ = set $settings "PG_MAX_OVERFLOW" $pools.overflow -}}
{{- $_ = set $settings "HTTP_TRUSTED_PROXIES" $values.route.trustedProxies -}}
{{- $_ = set $settings "VECHE_SHUTDOWN_MS" (mul 1000 (add .service.drain.window .service.drain.flush)) -}}
{{- if .service.sockets -}}
  {{- $_ = set $settings "GATEWAY_DRAIN_MS" (mul 1000 .service.drain.window) -}}
  {{- $_ = set $settings "GATEWAY_MAX_AGE_MS" (mul 60000 (int $values.drain.maxAgeMinutes)) -}}
  {{- $_ = set $settings "GATEWAY_ACCEPTS_PER_SECOND" $values.capacity.acceptsPerSecond -}}
{{- end -}}
{{- with $values.tracing.endpoint -}}
  {{- $_ = set $settings "OTEL_EXPORTER_OTLP_ENDPOINT" . -}}
  {{- $_ = set $settings "OTEL_TRACES_SAMPLER_ARG" $values.tracing.ratio -}}
{{- end -}}
{{- range $name, $value := mustMergeOverwrite $settings (deepCopy $values.settings) (deepCopy (.service.settings | default dict)) }}
{{ $name }}: {{ include "veche.text" $value | quote }}
{{- end -}}
{{- end -}}

{{- /* veche.text: a setting as text; whole numbers never as 1e+06. */}}
{{- define "veche.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) -}}{{ int64 . }}{{- else -}}{{ . }}{{- end -}}
{{- end -}}

{{- /* veche.secretRef: an entry of `env` from a Secret's key. Takes (list name secret key optional). */}}
{{- define "veche.secretRef" -}}
- name: {{ index . 0 }}
  valueFrom: { secretKeyRef: { name: {{ index . 1 | quote }}, key: {{ index . 2 | quote }}{{ if index . 3 }}, optional: true{{ end }} } }
{{- end -}}

{{- /* veche.credentials: entries of `env` that the addresses below are put together from; Kubernetes expands only what comes before. Takes (dict "root" $ "rabbitmq" true). */}}
{{- define "veche.credentials" -}}
{{- $values := .root.Values -}}
{{ include "veche.secretRef" (list "CREDENTIAL_PG_USER" $values.postgres.existingSecret $values.postgres.keys.username false) }}
{{ include "veche.secretRef" (list "CREDENTIAL_PG_PASSWORD" $values.postgres.existingSecret $values.postgres.keys.password false) }}
{{- if and $values.redis.host $values.redis.existingSecret }}
{{ include "veche.secretRef" (list "CREDENTIAL_REDIS_PASSWORD" $values.redis.existingSecret $values.redis.keys.password false) }}
{{- end }}
{{- if .rabbitmq }}
{{ include "veche.secretRef" (list "CREDENTIAL_RABBITMQ_USER" $values.rabbitmq.existingSecret $values.rabbitmq.keys.username false) }}
{{ include "veche.secretRef" (list "CREDENTIAL_RABBITMQ_PASSWORD" $values.rabbitmq.existingSecret $values.rabbitmq.keys.password false) }}
{{- end }}
{{- end -}}

{{- /* veche.postgresUrl: (list root "host:port") */}}
{{- define "veche.postgresUrl" -}}
{{- $postgres := (index . 0).Values.postgres -}}
postgres://$(CREDENTIAL_PG_USER):$(CREDENTIAL_PG_PASSWORD)@{{ index . 1 }}/{{ $postgres.database }}{{ with $postgres.parameters }}?{{ . }}{{ end }}
{{- end -}}

{{- /* veche.withPort: (list "host" port) → host:port, or what it was when it names one. */}}
{{- define "veche.withPort" -}}
{{- $host := index . 0 -}}{{- if contains ":" $host -}}{{ $host }}{{- else -}}{{ printf "%s:%v" $host (int (index . 1)) }}{{- end -}}
{{- end -}}

{{- /* veche.addresses: PG_URL and the others, by name, as YAML. Takes (dict "root" $ "rabbitmq" true). */}}
{{- define "veche.addresses" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $direct := include "veche.withPort" (list $values.postgres.host $values.postgres.port) -}}
{{- $pooler := $values.postgres.pooler -}}
{{- if $pooler.host }}
PG_URL: {{ include "veche.postgresUrl" (list $root (include "veche.withPort" (list $pooler.host $pooler.port))) }}
PG_DIRECT_URL: {{ include "veche.postgresUrl" (list $root $direct) }}
{{- else }}
PG_URL: {{ include "veche.postgresUrl" (list $root $direct) }}
{{- end }}
{{- $replicas := list -}}
{{- if $pooler.replicaHost -}}
  {{- $replicas = list (include "veche.postgresUrl" (list $root (include "veche.withPort" (list $pooler.replicaHost $pooler.port)))) -}}
{{- else -}}
  {{- range $values.postgres.replicas -}}{{- $replicas = append $replicas (include "veche.postgresUrl" (list $root (include "veche.withPort" (list . $values.postgres.port)))) -}}{{- end -}}
{{- end }}
{{- with $replicas }}
PG_REPLICA_URLS: {{ join "," . }}
{{- end }}
{{- with $values.redis.host }}
REDIS_URL: {{ ternary "rediss" "redis" $values.redis.tls }}://{{ if $values.redis.existingSecret }}:$(CREDENTIAL_REDIS_PASSWORD)@{{ end }}{{ . }}:{{ int $values.redis.port }}/{{ int $values.redis.database }}
{{- end }}
{{- if .rabbitmq }}
{{- $nodes := list -}}
{{- range $values.rabbitmq.hosts -}}
  {{- $nodes = append $nodes (printf "%s://$(CREDENTIAL_RABBITMQ_USER):$(CREDENTIAL_RABBITMQ_PASSWORD)@%s/%s" (ternary "amqps" "amqp" $values.rabbitmq.tls) (include "veche.withPort" (list . $values.rabbitmq.port)) $values.rabbitmq.vhost) -}}
{{- end }}
RABBITMQ_URL: {{ join "," $nodes }}
{{- end }}
{{- end -}}

{{- /* veche.env: entries of `env` of a container; RabbitMQ only where it is used, so that pods stay what they are when others beside them need it. Takes (dict "root" $ "rabbitmq" true "extra" {…}). */}}
{{- define "veche.env" -}}
{{- $secrets := .root.Values.secrets -}}
{{ include "veche.credentials" . }}
{{- with $secrets.existingSecret }}
{{ include "veche.secretRef" (list "AUTH_API_KEYS" . $secrets.keys.apiKeys true) }}
{{ include "veche.secretRef" (list "AUTH_HMAC_SECRET" . $secrets.keys.hmacSecret true) }}
{{ include "veche.secretRef" (list "AUTH_KEY_SECRET" . $secrets.keys.keySecret true) }}
{{- end }}
{{- $env := mustMergeOverwrite (include "veche.addresses" . | fromYaml) (deepCopy (.extra | default dict)) }}
{{- range $name, $value := $env }}
- name: {{ $name }}
  {{- if kindIs "string" $value }}
  value: {{ $value | quote }}
  {{- else }}
  valueFrom: {{- toYaml $value | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}
