{{- /* veche-data.rabbitmqPods: labels by which the pods are found. The operator gives its own. */}}
{{- define "veche-data.rabbitmqPods" -}}
{{- $pods := dict "root" . "component" "rabbitmq" -}}
{{- if eq .Values.rabbitmq.mode "operator" -}}
app.kubernetes.io/name: {{ include "veche.fullname" $pods }}
app.kubernetes.io/component: rabbitmq
{{- else -}}
{{ include "veche.selectorLabels" $pods }}
{{- end -}}
{{- end -}}

{{- define "veche-data.rabbitmqSecret" -}}
{{- include "veche-data.secretName" (dict "root" . "component" "rabbitmq" "given" .Values.rabbitmq.existingSecret) -}}
{{- end -}}

{{- /* veche-data.rabbitmqConfig: lines of rabbitmq.conf that do not depend on who starts the server. */}}
{{- define "veche-data.rabbitmqConfig" -}}
{{- $mq := .Values.rabbitmq -}}
net_ticktime = {{ $mq.netTickSeconds }}
# As much as its memory, which it may have to page out.
disk_free_limit.absolute = {{ include "veche-data.bytes" $mq.resources.memory }}
vm_memory_high_watermark.relative = {{ $mq.memoryHighWatermark }}
{{- if eq $mq.mode "operator" }}
# A queue that was declared while a node was away gets its member there once it is back.
quorum_queue.continuous_membership_reconciliation.enabled = true
quorum_queue.continuous_membership_reconciliation.target_group_size = {{ $mq.nodes }}
{{- else }}
total_memory_available_override_value = {{ div (mul (include "veche-data.bytes" $mq.resources.memory) 8) 10 }}
log.console = true
log.file = false
{{- end }}
{{- with $mq.config }}
{{ . }}
{{- end }}
{{- end -}}
