{{- define "veche-data.haproxyConfig" -}}
{{- $servers := include "veche.fullname" (dict "root" . "component" "valkey") -}}
{{ .Files.Get "files/valkey-haproxy.cfg" }}
listen valkey
  bind :6379
  balance first
  option tcp-check
  tcp-check connect
  {{- if .Values.valkey.existingSecret }}
  tcp-check send "AUTH ${PASSWORD}\r\n"
  tcp-check expect string +OK
  {{- end }}
  tcp-check send "info replication\r\n"
  tcp-check expect string role:master
  default-server check inter 1s fall 2 rise 1 on-marked-down shutdown-sessions resolvers cluster init-addr none
  {{- range $number := until (int .Values.valkey.sentinel.replicas) }}
  server {{ $number }} {{ $servers }}-{{ $number }}.{{ $servers }}-servers.{{ $.Release.Namespace }}.svc.{{ $.Values.valkey.sentinel.clusterDomain }}:6379
  {{- end }}
{{- end -}}

{{- /* veche-data.sentinelEnv: what sentinel.sh reads. */}}
{{- define "veche-data.sentinelEnv" -}}
{{- $sentinel := .Values.valkey.sentinel -}}
- { name: POD, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
- { name: SERVERS, value: {{ include "veche.fullname" (dict "root" . "component" "valkey") }}-servers.{{ .Release.Namespace }}.svc.{{ $sentinel.clusterDomain }} }
- { name: REPLICAS, value: {{ $sentinel.replicas | quote }} }
- { name: QUORUM, value: {{ $sentinel.quorum | quote }} }
- { name: DOWN_AFTER_MS, value: {{ $sentinel.downAfterMs | quote }} }
{{- end -}}
