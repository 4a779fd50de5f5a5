{{- /* veche-data.egressDns, veche-data.egressApi: rules of egress. Take the root. */}}
{{- define "veche-data.egressDns" -}}
- ports: [{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]
{{- end -}}

{{- define "veche-data.egressApi" -}}
- ports: [{ port: 443, protocol: TCP }, { port: 6443, protocol: TCP }]
  {{- with .Values.networkPolicy.apiServer }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "veche-data.egressStores" -}}
- ports:
    {{- range .Values.networkPolicy.storePorts }}
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
  {{- with .Values.networkPolicy.stores }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- /* veche-data.ingressClients, veche-data.ingressMonitoring: rules of ingress. Take "root" and "port". */}}
{{- define "veche-data.ingressClients" -}}
- ports: [{ port: {{ .port }}, protocol: TCP }]
  from: {{- toYaml .root.Values.networkPolicy.clients | nindent 4 }}
{{- end -}}

{{- define "veche-data.ingressMonitoring" -}}
- ports: [{ port: {{ .port }}, protocol: TCP }]
  {{- with .root.Values.networkPolicy.monitoring }}
  from: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
