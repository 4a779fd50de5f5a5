{{- /*
veche.behavior: up fast; down one pod at a time, each after the one before has drained, and only after long quiet where pods hold connections. Without it
Kubernetes takes all surplus pods in one step after five minutes. Takes a service.
*/}}
{{- define "veche.behavior" -}}
{{- $scaling := .autoscaling -}}
scaleUp:
  stabilizationWindowSeconds: 0
  policies:
    - { type: Percent, value: {{ int $scaling.upPercent }}, periodSeconds: {{ int $scaling.upSeconds }} }
    - { type: Pods, value: 1, periodSeconds: {{ int $scaling.upSeconds }} }
scaleDown:
  stabilizationWindowSeconds: {{ int $scaling.downSeconds }}
  policies:
    - { type: Pods, value: 1, periodSeconds: {{ min 1800 (add .drain.window 60) }} }
{{- end -}}

{{- /* veche.connectionsTarget: connections that fill a pod as far as it is to be filled. */}}
{{- define "veche.connectionsTarget" -}}
{{- div (mul (int64 .Values.capacity.connectionsPerPod) (int64 .Values.capacity.fillPercent)) 100 -}}
{{- end -}}

{{- /* veche.hpaMetrics: takes (dict "root" $ "service" {…}). */}}
{{- define "veche.hpaMetrics" -}}
{{- $scaling := .service.autoscaling -}}
- type: ContainerResource
  containerResource: { name: cpu, container: {{ .service.service }}, target: { type: Utilization, averageUtilization: {{ int $scaling.cpuPercent }} } }
- type: ContainerResource
  containerResource: { name: memory, container: {{ .service.service }}, target: { type: Utilization, averageUtilization: {{ int $scaling.memoryPercent }} } }
{{- if and $scaling.enabled $scaling.customMetrics }}
- type: Pods
  pods: { metric: { name: {{ .service.rate }}_per_second }, target: { type: AverageValue, averageValue: {{ int $scaling.requestsPerSecond | quote }} } }
{{- range .service.metrics }}
- type: Pods
  pods: { metric: { name: {{ . }} }, target: { type: AverageValue, averageValue: {{ include "veche.connectionsTarget" $.root | quote }} } }
{{- end }}
{{- end }}
{{- end -}}

{{- /* veche.kedaTriggers: takes (dict "root" $ "service" {…}). */}}
{{- define "veche.kedaTriggers" -}}
{{- $scaling := .service.autoscaling -}}
{{- $pods := printf "namespace=%q,pod=~%q" .root.Release.Namespace (printf "%s-.*" .service.fullname) -}}
- type: cpu
  metricType: Utilization
  metadata: { value: {{ int $scaling.cpuPercent | quote }}, containerName: {{ .service.service }} }
- type: memory
  metricType: Utilization
  metadata: { value: {{ int $scaling.memoryPercent | quote }}, containerName: {{ .service.service }} }
{{- if $scaling.prometheus }}
{{ include "veche.kedaQuery" (dict "scaling" $scaling "query" (printf "sum(rate(%s_total{%s}[1m]))" .service.rate $pods) "threshold" (int $scaling.requestsPerSecond)) }}
{{- range .service.metrics }}
{{ include "veche.kedaQuery" (dict "scaling" $scaling "query" (printf "sum(%s{%s})" . $pods) "threshold" (include "veche.connectionsTarget" $.root)) }}
{{- end }}
{{- if eq .service.service "chat" }}
{{- /* Who waits knows how long: the edges, not the owners that they wait for. */}}
{{- $senders := printf "namespace=%q,pod=~%q" .root.Release.Namespace (printf "(%s)-.*" (include "veche.fullnames" .root)) }}
{{ include "veche.kedaQuery" (dict "scaling" $scaling "query" (printf "max(veche_messaging_oldest_command_age_seconds{%s})" $senders) "threshold" $scaling.queueAgeSeconds "type" "Value") }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "veche.kedaQuery" -}}
- type: prometheus
  metricType: {{ .type | default "AverageValue" }}
  metadata:
    serverAddress: {{ .scaling.prometheus | quote }}
    query: {{ .query | quote }}
    threshold: {{ .threshold | quote }}
{{- end -}}
