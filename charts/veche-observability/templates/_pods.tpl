{{- /* observability.image: takes the image's values. */}}
{{- define "observability.image" -}}
{{- if .digest -}}{{ printf "%s@%s" .repository .digest }}{{- else -}}{{ printf "%s:%s" .repository .tag }}{{- end -}}
{{- end -}}

{{- /* observability.resources: memory limit = request: what a pod may take it has been given. */}}
{{- define "observability.resources" -}}
requests: { cpu: {{ .cpu | quote }}, memory: {{ .memory | quote }} }
limits: { memory: {{ .memory | quote }}{{ with .cpuLimit }}, cpu: {{ . | quote }}{{ end }} }
{{- end -}}

{{- /*
observability.deployment: the collector and Jaeger are one kind of program, so they have one kind of pod.
Takes (dict "root" $ "component" "jaeger" "values" .Values.jaeger "config" <map> "ports" <map of name to number> "env" <list> "envFrom" <list> "account" <name or empty>).
*/}}
{{- define "observability.deployment" -}}
{{- $values := .values -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "veche.fullname" . }}
  labels: {{- include "veche.labels" . | nindent 4 }}
spec:
  replicas: {{ $values.replicas }}
  selector:
    matchLabels: {{- include "veche.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "veche.labels" . | nindent 8 }}
      annotations:
        # A change of the configuration is a rollout: the programs read it once.
        checksum/config: {{ .config | toJson | sha256sum }}
        {{- if .account }}
        veche/token-because: k8sattributes asks the API server which pod a span comes from
        {{- end }}
    spec:
      automountServiceAccountToken: {{ ternary "true" "false" (ne .account "") }}
      {{- with .account }}
      serviceAccountName: {{ . }}
      {{- end }}
      enableServiceLinks: false
      terminationGracePeriodSeconds: 30
      securityContext:
        {{- include "veche.podSecurity" . | nindent 8 }}
        # Images that name their user, or none, run as this one.
        runAsUser: 10001
        runAsGroup: 10001
      {{- with .root.Values.imagePullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - { name: {{ . }} }
        {{- end }}
      {{- end }}
      {{- with $values.placement.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.placement.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.placement.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      containers:
        - name: {{ .component }}
          image: {{ include "observability.image" $values.image }}
          {{- with $values.image.pullPolicy }}
          imagePullPolicy: {{ . }}
          {{- end }}
          {{- with $values.command }}
          command: {{- toYaml . | nindent 12 }}
          {{- end }}
          args: ['--config', /etc/veche/config.yaml]
          {{- with .env }}
          env: {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- with .envFrom }}
          envFrom: {{- range . }}
            - secretRef: { name: {{ . }} }
          {{- end }}
          {{- end }}
          ports:
            {{- range $name, $port := .ports }}
            - { name: {{ $name }}, containerPort: {{ $port }} }
            {{- end }}
          startupProbe:
            httpGet: { path: {{ .healthPath }}, port: health }
            periodSeconds: 2
            failureThreshold: 30
          readinessProbe:
            httpGet: { path: {{ .healthPath }}, port: health }
            periodSeconds: 5
          # Whether it still accepts; a backend that is away is no reason to forget what waits for it.
          livenessProbe:
            tcpSocket: { port: otlp-http }
            periodSeconds: 15
            failureThreshold: 4
          resources: {{- include "observability.resources" $values.resources | nindent 12 }}
          securityContext: {{- include "veche.containerSecurity" . | nindent 12 }}
          volumeMounts:
            - { name: config, mountPath: /etc/veche, readOnly: true }
            - { name: tmp, mountPath: /tmp }
      volumes:
        - name: config
          configMap: { name: {{ include "veche.fullname" . }} }
        - name: tmp
          emptyDir: { sizeLimit: 64Mi }
{{- end -}}

{{- /* observability.configMap: of such a Deployment. Takes the same. */}}
{{- define "observability.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "veche.fullname" . }}
  labels: {{- include "veche.labels" . | nindent 4 }}
data:
  config.yaml: |
    {{- toYaml .config | nindent 4 }}
{{- end -}}
