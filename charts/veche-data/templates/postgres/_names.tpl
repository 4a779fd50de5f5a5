{{- /* veche-data.serverName: under which this Cluster is in the stores. */}}
{{- define "veche-data.serverName" -}}
{{- .Values.postgres.backup.serverName | default (include "veche.fullname" (dict "root" . "component" "postgres")) -}}
{{- end -}}

{{- /* veche-data.storeName: of an ObjectStore. Takes "root" and "store" (first, second). */}}
{{- define "veche-data.storeName" -}}
{{- include "veche.fullname" (dict "root" .root "component" (printf "postgres-%s-store" .store)) -}}
{{- end -}}

{{- /* veche-data.barman: the plugin that archives and restores. */}}
{{- define "veche-data.barman" -}}barman-cloud.cloudnative-pg.io{{- end -}}
