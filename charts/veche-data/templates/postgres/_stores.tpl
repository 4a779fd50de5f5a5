{{- /* veche-data.storeConfiguration: takes one store. */}}
{{- define "veche-data.storeConfiguration" -}}
destinationPath: {{ .destinationPath }}
{{- with .endpointURL }}
endpointURL: {{ . }}
{{- end }}
wal: { compression: gzip, maxParallel: 2 }
data: { compression: gzip }
{{- if .secret }}
s3Credentials:
  accessKeyId: { name: {{ .secret }}, key: {{ .accessKeyId | default "ACCESS_KEY_ID" }} }
  secretAccessKey: { name: {{ .secret }}, key: {{ .secretAccessKey | default "SECRET_ACCESS_KEY" }} }
{{- else if hasPrefix "s3://" .destinationPath }}
s3Credentials: { inheritFromIAMRole: true }
{{- end }}
{{- end -}}

{{- /* veche-data.rcloneRemote: a store as variables of rclone. Takes "name", "store" and "keys" (which say the names of keys in its Secret). */}}
{{- define "veche-data.rcloneRemote" -}}
{{- $prefix := printf "RCLONE_CONFIG_%s" .name -}}
- { name: {{ $prefix }}_TYPE, value: s3 }
- { name: {{ $prefix }}_PROVIDER, value: {{ ternary "Other" "AWS" (not (empty .store.endpointURL)) }} }
{{- with .store.endpointURL }}
- { name: {{ $prefix }}_ENDPOINT, value: {{ . | quote }} }
{{- end }}
{{- with .store.region }}
- { name: {{ $prefix }}_REGION, value: {{ . | quote }} }
{{- end }}
{{- if .store.secret }}
- name: {{ $prefix }}_ACCESS_KEY_ID
  valueFrom: { secretKeyRef: { name: {{ .store.secret }}, key: {{ .keys.accessKeyId | default "ACCESS_KEY_ID" }} } }
- name: {{ $prefix }}_SECRET_ACCESS_KEY
  valueFrom: { secretKeyRef: { name: {{ .store.secret }}, key: {{ .keys.secretAccessKey | default "SECRET_ACCESS_KEY" }} } }
{{- else }}
- { name: {{ $prefix }}_ENV_AUTH, value: "true" }
{{- end }}
{{- end -}}
