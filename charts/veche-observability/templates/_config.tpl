{{- /* observability.common: what both programs share: receivers, what protects their memory, their own metrics. YAML. */}}
{{- define "observability.common" -}}
receivers:
  otlp:
    protocols:
      grpc: { endpoint: '0.0.0.0:4317' }
      http: { endpoint: '0.0.0.0:4318' }
processors:
  # First in every pipeline: refuses before the kernel kills. Senders keep what is refused and try again.
  memory_limiter: { check_interval: 1s, limit_percentage: 80, spike_limit_percentage: 20 }
  batch: { send_batch_size: 512, timeout: 1s }
service:
  telemetry:
    metrics:
      readers:
        - pull: { exporter: { prometheus: { host: '0.0.0.0', port: 8888 } } }
{{- end -}}

{{- /* observability.collector: its configuration, as JSON. */}}
{{- define "observability.collector" -}}
{{- $config := include "observability.common" . | fromYaml -}}
{{- $processors := list "memory_limiter" -}}
{{- $exporters := list -}}
{{- $_ := set $config "extensions" (dict "health_check" (dict "endpoint" "0.0.0.0:13133")) -}}
{{- $_ = set $config "exporters" dict -}}
{{- if .Values.collector.k8sAttributes.enabled -}}
  {{- $processors = concat $processors (list "k8sattributes") -}}
  {{- $_ = set $config.processors "k8sattributes" (include "observability.k8sAttributes" . | fromYaml) -}}
{{- end -}}
{{- with .Values.collector.tailSampling -}}
{{- if .policies -}}
  {{- $processors = concat $processors (list "tail_sampling") -}}
  {{- $_ = set $config.processors "tail_sampling" (dict "decision_wait" (printf "%ds" (int .decisionWaitSeconds)) "num_traces" (int .traces) "policies" .policies) -}}
{{- end -}}
{{- end -}}
{{- if .Values.jaeger.enabled -}}
  {{- $exporters = concat $exporters (list "otlphttp/jaeger") -}}
  {{- $jaeger := include "veche.fullname" (dict "root" $ "component" "jaeger") -}}
  {{- $_ = set $config.exporters "otlphttp/jaeger" (dict "endpoint" (printf "http://%s:4318" $jaeger)) -}}
{{- end -}}
{{- with .Values.otlp -}}
{{- if .endpoint -}}
  {{- $exporters = concat $exporters (list "otlphttp/backend") -}}
  {{- $headers := dict -}}
  {{- range $index, $name := keys .headerKeys | sortAlpha -}}{{- $_ = set $headers $name (printf "${env:OTLP_HEADER_%d}" $index) -}}{{- end -}}
  {{- $_ = set $config.exporters "otlphttp/backend" (dict "endpoint" .endpoint "headers" $headers) -}}
{{- end -}}
{{- end -}}
{{- $pipeline := dict "receivers" (list "otlp") "processors" (concat $processors (list "batch")) "exporters" $exporters -}}
{{- $_ = set $config.service "extensions" (list "health_check") -}}
{{- $_ = set $config.service "pipelines" (dict "traces" $pipeline) -}}
{{- mustMergeOverwrite $config (deepCopy .Values.collector.config) | toJson -}}
{{- end -}}

{{- define "observability.k8sAttributes" -}}
auth_type: serviceAccount
# Of this namespace alone: a Role is enough, no ClusterRole.
filter: { namespace: {{ .Release.Namespace }} }
extract:
  metadata: [k8s.pod.name, k8s.node.name, k8s.deployment.name, k8s.namespace.name]
pod_association:
  - sources: [{ from: connection }]
{{- end -}}

{{- /* observability.jaeger: its configuration, as JSON. */}}
{{- define "observability.jaeger" -}}
{{- $config := include "observability.common" . | fromYaml -}}
{{- $backend := .Values.jaeger.storage | default (dict "memory" (dict "max_traces" (int .Values.jaeger.memoryTraces))) -}}
{{- $query := dict "storage" (dict "traces" "traces") "http" (dict "endpoint" "0.0.0.0:16686") "grpc" (dict "endpoint" "0.0.0.0:16685") -}}
{{- with .Values.jaeger.basePath -}}{{- $_ := set $query "base_path" . -}}{{- end -}}
{{- $health := dict "use_v2" true "http" (dict "endpoint" "0.0.0.0:13133") -}}
{{- $_ := set $config "extensions" (dict "healthcheckv2" $health "jaeger_storage" (dict "backends" (dict "traces" $backend)) "jaeger_query" $query) -}}
{{- $_ = set $config "exporters" (dict "jaeger_storage_exporter" (dict "trace_storage" "traces")) -}}
{{- $pipeline := dict "receivers" (list "otlp") "processors" (list "memory_limiter" "batch") "exporters" (list "jaeger_storage_exporter") -}}
{{- $_ = set $config.service "extensions" (list "healthcheckv2" "jaeger_storage" "jaeger_query") -}}
{{- $_ = set $config.service "pipelines" (dict "traces" $pipeline) -}}
{{- mustMergeOverwrite $config (deepCopy .Values.jaeger.config) | toJson -}}
{{- end -}}
