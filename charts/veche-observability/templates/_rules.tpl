{{- /* observability.rules: the groups of files/rules.yaml as this installation wants them, as JSON. */}}
{{- define "observability.rules" -}}
{{- $values := .Values.rules -}}
{{- $groups := list -}}
{{- range (.Files.Get "files/rules.yaml" | fromYaml).groups -}}
  {{- $rules := list -}}
  {{- range .rules -}}
    {{- if not (has .alert $values.disabled) -}}
      {{- if $values.runbookUrl -}}
        {{- $_ := unset .annotations "runbook" -}}
        {{- $_ = set .annotations "runbook_url" (printf "%s/%s.md" $values.runbookUrl .alert) -}}
      {{- end -}}
      {{- $rules = append $rules (mustMerge . (dict "labels" $values.alertLabels)) -}}
    {{- end -}}
  {{- end -}}
  {{- if $rules -}}{{- $groups = append $groups (dict "name" .name "rules" $rules) -}}{{- end -}}
{{- end -}}
{{- dict "groups" $groups | toJson -}}
{{- end -}}
