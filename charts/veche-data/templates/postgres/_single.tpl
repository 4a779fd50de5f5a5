{{- /* veche-data.single: the annotations of what is not for production. */}}
{{- define "veche-data.single" -}}
veche.dev/single: a single pod for trying out – no failover, no backup
{{- end -}}

{{- /* veche-data.singleConfig: postgresql.conf of `mode: single`. */}}
{{- define "veche-data.singleConfig" -}}
{{- $own := dict "listen_addresses" "*" "unix_socket_directories" "/run/postgresql" "max_connections" (toString .Values.postgres.maxConnections) -}}
{{- range $name, $value := merge $own .Values.postgres.parameters }}
{{ $name }} = '{{ $value | replace "'" "''" }}'
{{- end }}
{{- end -}}
