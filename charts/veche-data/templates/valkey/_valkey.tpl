{{- /* veche-data.valkeyConfig: valkey.conf. */}}
{{- define "veche-data.valkeyConfig" -}}
{{- $valkey := .Values.valkey -}}
save ""
appendonly no
protected-mode no
dir /tmp
maxmemory {{ div (mul (include "veche-data.bytes" $valkey.resources.memory) $valkey.maxMemoryPercent) 100 }}
maxmemory-policy {{ $valkey.eviction }}
{{- with $valkey.config }}
{{ . }}
{{- end }}
{{- end -}}

{{- /* veche-data.valkeyPassword: as PASSWORD, and for the client. */}}
{{- define "veche-data.valkeyPassword" -}}
{{- with .Values.valkey.existingSecret }}
{{- range list "PASSWORD" "REDISCLI_AUTH" }}
- { name: {{ . }}, valueFrom: { secretKeyRef: { name: {{ $.Values.valkey.existingSecret }}, key: password } } }
{{- end }}
{{- end }}
{{- end -}}

{{- /* veche-data.valkeyPod: what every pod of a server has around its containers. */}}
{{- define "veche-data.valkeyPod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- include "veche-data.pullSecrets" .root }}
{{ include "veche-data.placement" (dict "placement" .root.Values.valkey.placement "selector" (include "veche.selectorLabels" . | fromYaml)) }}
securityContext:
  {{- include "veche.podSecurity" . | nindent 2 }}
  runAsUser: {{ .user }}
  runAsGroup: {{ .user }}
{{- end -}}

{{- /* veche-data.valkeyContainer: a server, started by start.sh of the ConfigMap. Takes the root. */}}
{{- define "veche-data.valkeyContainer" -}}
- name: valkey
  image: {{ .Values.valkey.image }}
  command: [sh, /etc/valkey/start.sh]
  {{- with printf "%s%s" (ternary (include "veche-data.sentinelEnv" .) "" (eq .Values.valkey.mode "sentinel")) (include "veche-data.valkeyPassword" .) | trim }}
  env: {{- . | nindent 4 }}
  {{- end }}
  ports: [{ name: redis, containerPort: 6379 }]
  readinessProbe: { exec: { command: [sh, -c, 'valkey-cli ping | grep -q PONG'] }, periodSeconds: 3, timeoutSeconds: 2 }
  livenessProbe: { tcpSocket: { port: redis }, periodSeconds: 10, failureThreshold: 3 }
  resources: {{- include "veche-data.resources" .Values.valkey.resources | nindent 4 }}
  securityContext: {{- include "veche.containerSecurity" . | nindent 4 }}
  volumeMounts:
    - { name: config, mountPath: /etc/valkey }
    - { name: tmp, mountPath: /tmp }
{{- end -}}
