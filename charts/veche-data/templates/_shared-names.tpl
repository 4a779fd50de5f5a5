{{- /* Generated from charts/_shared by npm run generate. Do not edit. */ -}}
{{- /*
veche.fullname: the name of what belongs to a component, or of the release itself where none is given.
  {{ include "veche.fullname" (dict "root" $ "component" "postgres") }}
At most 52 characters before the component, so that what Kubernetes appends to it (a pod's hash and suffix) still fits a label.
*/}}
{{- define "veche.fullname" -}}
{{- $chart := .root.Chart.Name -}}
{{- $base := .root.Values.fullnameOverride -}}
{{- if not $base -}}
  {{- $base = ternary .root.Release.Name (printf "%s-%s" .root.Release.Name $chart) (contains $chart .root.Release.Name) -}}
{{- end -}}
{{- $base = $base | trunc 40 | trimSuffix "-" -}}
{{- if .component -}}{{ printf "%s-%s" $base .component | trunc 52 | trimSuffix "-" }}{{- else -}}{{ $base }}{{- end -}}
{{- end -}}

{{- /* veche.selectorLabels: what never changes of a component's pods: selectors are immutable. Takes (dict "root" $ "component" "postgres"). */}}
{{- define "veche.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- /* veche.labels: of every object. Takes (dict "root" $ "component" "postgres"). */}}
{{- define "veche.labels" -}}
{{ include "veche.selectorLabels" . }}
app.kubernetes.io/part-of: veche
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* veche.podSecurity, veche.containerSecurity: what Pod Security "restricted" asks, and a root that cannot be written. */}}
{{- define "veche.podSecurity" -}}
runAsNonRoot: true
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "veche.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}
