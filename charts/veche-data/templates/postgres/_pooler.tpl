{{- /* veche-data.poolerSpec: takes "root", "type" (rw, ro), "instances", "name". */}}
{{- define "veche-data.poolerSpec" -}}
{{- $pooler := .root.Values.postgres.pooler -}}
cluster: { name: {{ include "veche.fullname" (dict "root" .root "component" "postgres") }} }
type: {{ .type }}
instances: {{ .instances }}
# Clients that are there stay while their pod goes: the next one takes new ones first.
deploymentStrategy: { type: RollingUpdate, rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
pgbouncer:
  poolMode: transaction
  {{- with $pooler.image }}
  image: {{ . }}
  {{- end }}
  parameters: {{- include "veche-data.poolerParameters" $pooler | nindent 4 }}
template:
  metadata:
    labels: {{- include "veche-data.inherited" .root | nindent 6 }}
  spec:
    {{- include "veche-data.pullSecrets" .root | nindent 4 }}
    {{- include "veche-data.placement" (dict "placement" $pooler.placement "selector" (dict "cnpg.io/poolerName" .name)) | nindent 4 }}
    enableServiceLinks: false
    containers:
      - name: pgbouncer
        resources: {{- include "veche-data.resources" $pooler.resources | nindent 10 }}
{{- end -}}

{{- define "veche-data.poolerParameters" -}}
{{- $size := toString .poolSize -}}
{{- $own := dict
  "default_pool_size" $size
  "max_db_connections" $size
  "max_client_conn" (toString .maxClients)
  "max_prepared_statements" (toString .maxPreparedStatements)
  "server_login_retry" (toString .loginRetrySeconds) -}}
{{- merge $own .parameters | toYaml -}}
{{- end -}}
