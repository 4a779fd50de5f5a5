{{- /* observability.refusals: combinations that cannot work, each with the value to change. Renders nothing. */}}
{{- define "observability.refusals" -}}
{{- with .Values -}}
{{- if and .collector.enabled (not .jaeger.enabled) (not .otlp.endpoint) -}}
  {{- fail "the collector has nowhere to send traces: set jaeger.enabled: true, or otlp.endpoint to another backend, or collector.enabled: false" -}}
{{- end -}}
{{- if and .otlp.endpoint (not .collector.enabled) -}}
  {{- fail "otlp.endpoint is where the collector sends traces, and there is none: set collector.enabled: true, or tell Veche itself (tracing.endpoint of the chart veche)" -}}
{{- end -}}
{{- if and .otlp.headerKeys (not .otlp.existingSecret) -}}
  {{- fail "otlp.headerKeys are keys of a Secret: set otlp.existingSecret to its name" -}}
{{- end -}}
{{- if and .otlp.existingSecret (not .otlp.headerKeys) -}}
  {{- fail "of the Secret otlp.existingSecret nothing is used: set otlp.headerKeys, such as {authorization: token}" -}}
{{- end -}}
{{- if and .collector.enabled .collector.tailSampling.policies (gt (int .collector.replicas) 1) -}}
  {{- fail "tail sampling judges whole traces, and two collectors see half of each: set collector.replicas: 1, or no collector.tailSampling.policies" -}}
{{- end -}}
{{- if and .jaeger.enabled (not .jaeger.storage) (gt (int .jaeger.replicas) 1) -}}
  {{- fail "each Jaeger would have traces of its own in memory: set jaeger.replicas: 1, or jaeger.storage to a backend that they share" -}}
{{- end -}}
{{- if and (not .collector.enabled) (not .jaeger.enabled) (eq .rules.kind "none") (eq .dashboards.kind "none") -}}
  {{- fail "nothing is turned on: set rules.kind, dashboards.kind, jaeger.enabled or collector.enabled" -}}
{{- end -}}
{{- end -}}
{{- end -}}
