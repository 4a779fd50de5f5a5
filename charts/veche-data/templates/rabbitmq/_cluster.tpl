{{- /* veche-data.rabbitmqSpec: of the RabbitmqCluster, before `rabbitmq.patch`. The operator makes its pods pass `restricted`, with a read-only root. */}}
{{- define "veche-data.rabbitmqSpec" -}}
{{- $mq := .Values.rabbitmq -}}
{{- $placement := $mq.placement -}}
replicas: {{ $mq.nodes }}
image: {{ $mq.image }}
{{- include "veche-data.pullSecrets" . }}
persistence:
  storage: {{ $mq.storage.size }}
  {{- with $mq.storage.storageClass }}
  storageClassName: {{ . }}
  {{- end }}
resources: {{- include "veche-data.resources" $mq.resources | nindent 2 }}
terminationGracePeriodSeconds: {{ $mq.graceSeconds }}
affinity: {{- include "veche-data.apart" (dict "placement" $placement "selector" (include "veche-data.rabbitmqPods" . | fromYaml)) | nindent 2 }}
{{- with $placement.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
rabbitmq:
  additionalConfig: |
    {{- include "veche-data.rabbitmqConfig" . | nindent 4 }}
  {{- with $mq.plugins }}
  additionalPlugins: {{- toYaml . | nindent 4 }}
  {{- end }}
override:
  statefulSet:
    spec:
      template:
        spec:
          enableServiceLinks: false
          {{- with $placement.nodeSelector }}
          nodeSelector: {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- with $placement.priorityClassName }}
          priorityClassName: {{ . }}
          {{- end }}
          containers: []
{{- end -}}
