{{- /* veche.waitForSchema: an init container that ends once the database has what this release needs. */}}
{{- define "veche.waitForSchema" -}}
- name: schema
  image: {{ include "veche.image" (dict "root" . "app" "migrate") | quote }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args: [apps/migrate/dist/main.js, wait]
  env: {{- include "veche.env" (dict "root" . "rabbitmq" false) | trim | nindent 4 }}
  resources: {{- include "veche.resources" .Values.migrate | nindent 4 }}
  securityContext: {{- include "veche.containerSecurity" . | nindent 4 }}
{{- end -}}

{{- /* veche.probes: started, alive (looks at no dependency), fit for traffic (looks at all). */}}
{{- define "veche.probes" -}}
startupProbe:
  httpGet: { path: /health/live, port: private }
  periodSeconds: 1
  failureThreshold: 120
livenessProbe:
  httpGet: { path: /health/live, port: private }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet: { path: /health/ready, port: private }
  periodSeconds: 3
  timeoutSeconds: 3
  failureThreshold: 2
{{- end -}}

{{- /* veche.container: takes (dict "root" $ "service" {…}). */}}
{{- define "veche.container" -}}
{{- $service := .service -}}
- name: {{ $service.service }}
  image: {{ include "veche.image" (dict "root" .root "app" $service.service) | quote }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  args: [apps/{{ $service.service }}/dist/main.js]
  ports:
    {{- if $service.doors }}
    - { name: http, containerPort: 8000 }
    {{- end }}
    - { name: private, containerPort: 8001 }
  envFrom:
    - configMapRef: { name: {{ $service.fullname }} }
  env:
    {{- include "veche.env" (dict "root" .root "rabbitmq" (eq $service.topology "split") "extra" $service.extraEnv) | trim | nindent 4 }}
    {{- if $service.sockets }}
    - name: GATEWAY_SERVER_ID
      valueFrom: { fieldRef: { fieldPath: metadata.name } }
    {{- end }}
  {{- include "veche.probes" . | nindent 2 }}
  {{- if gt (int $service.drain.preStop) 0 }}
  lifecycle: { preStop: { sleep: { seconds: {{ $service.drain.preStop }} } } }
  {{- end }}
  resources: {{- include "veche.resources" $service | nindent 4 }}
  securityContext: {{- include "veche.containerSecurity" . | nindent 4 }}
  {{- with $service.extraVolumeMounts }}
  volumeMounts:
    {{- range $name, $path := . }}
    - { name: {{ $name }}, mountPath: {{ $path | quote }} }
    {{- end }}
  {{- end }}
{{- end -}}

{{- /* veche.spread: pods of one release of the service apart; old and new ones do not count together. Takes (dict "root" $ "service" {…}). */}}
{{- define "veche.spread" -}}
{{- $labels := include "veche.selectorLabels" (dict "root" .root "component" .service.service) -}}
{{- range $key, $when := dict "topology.kubernetes.io/zone" .service.spread.zone "kubernetes.io/hostname" .service.spread.host }}
{{- if ne $when "None" }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: {{ $when }}
  matchLabelKeys: [pod-template-hash]
  labelSelector:
    matchLabels: {{- $labels | nindent 6 }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* veche.podAnnotations: takes (dict "root" $ "service" {…}). The checksum makes pods follow what the chart renders for them. */}}
{{- define "veche.podAnnotations" -}}
veche/settings: {{ include "veche.settings" . | sha256sum | trunc 16 | quote }}
kubectl.kubernetes.io/default-container: {{ .service.service }}
{{- if eq .root.Values.monitoring.scrape "annotations" }}
prometheus.io/scrape: 'true'
prometheus.io/port: '8001'
prometheus.io/path: /metrics
{{- end }}
{{- with .service.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* veche.scheduling: where a service says so. */}}
{{- define "veche.scheduling" -}}
{{- range $key := list "nodeSelector" "tolerations" "affinity" "priorityClassName" }}
{{- with index $ $key }}
{{ $key }}: {{- if kindIs "string" . }} {{ . | quote }}{{ else }}{{ toYaml . | nindent 2 }}{{ end }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* veche.pullSecrets */}}
{{- define "veche.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- end -}}
