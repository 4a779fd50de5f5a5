{{- /* veche.deployment: takes (dict "root" $ "service" {…}). */}}
{{- define "veche.deployment" -}}
{{- $service := .service -}}
{{- $component := dict "root" .root "component" $service.service -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $service.fullname }}
  labels: {{- include "veche.labels" $component | nindent 4 }}
spec:
  {{- /* Otherwise an autoscaler has it in every stage: a number that Helm gives up falls to 1, and one that it takes back is a conflict. */}}
  {{- with $service.replicas }}
  replicas: {{ int . }}
  {{- end }}
  {{- with include "veche.minReadySeconds" $service | int }}
  minReadySeconds: {{ . }}
  progressDeadlineSeconds: {{ add . 600 }}
  {{- end }}
  strategy: { type: RollingUpdate, rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
  selector:
    matchLabels: {{- include "veche.selectorLabels" $component | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "veche.selectorLabels" $component | nindent 8 }}
        {{- with $service.app }}
        app: {{ . }}
        {{- end }}
        {{- with $service.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations: {{- include "veche.podAnnotations" . | nindent 8 }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      serviceAccountName: {{ include "veche.fullname" (dict "root" .root) }}
      terminationGracePeriodSeconds: {{ $service.drain.grace }}
      securityContext: {{- include "veche.podSecurity" . | nindent 8 }}
      {{- include "veche.pullSecrets" .root | nindent 6 }}
      initContainers: {{- include "veche.waitForSchema" .root | nindent 8 }}
      containers: {{- include "veche.container" . | nindent 8 }}
      {{- with include "veche.spread" . | trim }}
      topologySpreadConstraints: {{- . | nindent 8 }}
      {{- end }}
      {{- with include "veche.scheduling" $service | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- with $service.extraVolumes }}
      volumes:
        {{- range $name, $volume := . }}
        - {{ mustMergeOverwrite (dict "name" $name) $volume | toYaml | nindent 10 | trim }}
        {{- end }}
      {{- end }}
{{- end -}}

{{- /* veche.minReadySeconds: of pods that hold connections so long that the next does not begin to drain before this one is gone. A pod is ready some ten seconds after its start. */}}
{{- define "veche.minReadySeconds" -}}
{{- if .sockets -}}{{ max 0 (sub (add .drain.preStop .drain.window .drain.flush) 10) }}{{- else -}}0{{- end -}}
{{- end -}}
