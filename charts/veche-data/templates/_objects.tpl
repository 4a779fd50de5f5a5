{{- /* veche-data.metadata: of an object. Takes (dict "root" $ "component" "postgres"), and "name" where it is not that of the component. */}}
{{- define "veche-data.metadata" -}}
name: {{ .name | default (include "veche.fullname" .) }}
namespace: {{ .root.Release.Namespace }}
labels: {{- include "veche.labels" . | nindent 2 }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* veche-data.podLabels: the labels of a pod are those that its owner selects by; `helm.sh/chart` among them would restart it with each version. */}}
{{- define "veche-data.podLabels" -}}
{{ include "veche.selectorLabels" . }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* veche-data.pullSecrets: takes the root. */}}
{{- define "veche-data.pullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* veche-data.resources: memory limit = request, so that a pod is never ended for memory it was not promised. Takes `resources`. */}}
{{- define "veche-data.resources" -}}
requests: { cpu: {{ .cpu | quote }}, memory: {{ .memory }} }
limits: { {{ with .cpuLimit }}cpu: {{ . | quote }}, {{ end }}memory: {{ .memory }} }
{{- end -}}

{{- /* veche-data.bytes: of a quantity in Mi, Gi or Ti. */}}
{{- define "veche-data.bytes" -}}
{{- $number := regexFind "^[0-9]+" . | int64 -}}
{{- $unit := get (dict "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776) (regexFind "[A-Z]i$" .) -}}
{{- mul $number $unit -}}
{{- end -}}

{{- /* veche-data.secretName: of credentials that you or an operator made. Takes "root", "component", "given", "suffix". */}}
{{- define "veche-data.secretName" -}}
{{- .given | default (printf "%s%s" (include "veche.fullname" .) (.suffix | default "")) -}}
{{- end -}}

{{- /* veche-data.volumeClaim: takes `storage`. */}}
{{- define "veche-data.volumeClaim" -}}
accessModes: [ReadWriteOnce]
{{- with .storageClass }}
storageClassName: {{ . }}
{{- end }}
resources: { requests: { storage: {{ .size }} } }
{{- end -}}
