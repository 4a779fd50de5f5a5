{{- /* veche-data.placement: where pods run that the chart, or an operator from our template, makes. Takes "placement" and "selector" (labels). */}}
{{- define "veche-data.placement" -}}
{{- $placement := .placement -}}
{{- with $placement.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $placement.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $placement.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
affinity: {{- include "veche-data.apart" . | nindent 2 }}
{{- end -}}

{{- /* veche-data.apart: two pods of one server do not share a node. */}}
{{- define "veche-data.apart" -}}
{{- $key := .placement.apartBy | default "kubernetes.io/hostname" -}}
{{- $term := dict "topologyKey" $key "labelSelector" (dict "matchLabels" .selector) -}}
podAntiAffinity:
  {{- if eq (.placement.apart | default "preferred") "required" }}
  requiredDuringSchedulingIgnoredDuringExecution: {{- list $term | toYaml | nindent 4 }}
  {{- else }}
  preferredDuringSchedulingIgnoredDuringExecution: {{- list (dict "weight" 100 "podAffinityTerm" $term) | toYaml | nindent 4 }}
  {{- end }}
{{- end -}}
