{{- /* veche-data.postgresSpec: of the Cluster, before `postgres.patch`. */}}
{{- define "veche-data.postgresSpec" -}}
{{- $pg := .Values.postgres -}}
instances: {{ $pg.instances }}
{{- with $pg.image }}
imageName: {{ . }}
{{- end }}
{{- include "veche-data.pullSecrets" . }}
inheritedMetadata:
  labels: {{- include "veche-data.inherited" . | nindent 4 }}
primaryUpdateMethod: switchover
# Poolers keep their connections for ever: a server that waits for them to go waits 180 s by default, at every switchover.
smartShutdownTimeout: 15
resources: {{- include "veche-data.resources" $pg.resources | nindent 2 }}
storage: {{- toYaml $pg.storage | nindent 2 }}
{{- if $pg.walStorage.size }}
walStorage: {{- toYaml $pg.walStorage | nindent 2 }}
{{- end }}
affinity:
  podAntiAffinityType: {{ $pg.placement.apart | default "preferred" }}
  topologyKey: {{ $pg.placement.apartBy | default "kubernetes.io/hostname" }}
  {{- with $pg.placement.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $pg.placement.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- with $pg.placement.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
postgresql:
  parameters: {{- merge (dict "max_connections" (toString $pg.maxConnections)) $pg.parameters | toYaml | nindent 4 }}
  {{- if ne $pg.rpo "asynchronous" }}
  synchronous:
    method: any
    number: 1
    dataDurability: {{ ternary "required" "preferred" (eq $pg.rpo "zero") }}
    # Without it a replica that was not the one waited for could take over, and what was acknowledged would be gone.
    failoverQuorum: {{ eq $pg.rpo "zero" }}
  {{- end }}
bootstrap: {{- include "veche-data.bootstrap" . | nindent 2 }}
{{- include "veche-data.archiving" . }}
{{- end -}}

{{- /* Labels that pods of the operator get, by which they are found like all others of the release. `app.kubernetes.io/*` are the operator's own. */}}
{{- define "veche-data.inherited" -}}
veche.dev/release: {{ .Release.Name }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "veche-data.bootstrap" -}}
{{- $pg := .Values.postgres -}}
{{- if $pg.restore.fromServer }}
recovery:
  source: {{ $pg.restore.fromServer }}
  {{- with $pg.restore.targetTime }}
  recoveryTarget: { targetTime: {{ . | quote }} }
  {{- end }}
{{- else }}
initdb:
  encoding: UTF8
  localeCollate: C
  localeCType: C
{{- end }}
  database: {{ $pg.database }}
  owner: {{ $pg.owner }}
  {{- with $pg.existingSecret }}
  secret: { name: {{ . }} }
  {{- end }}
{{- end -}}

{{- define "veche-data.archiving" -}}
{{- $pg := .Values.postgres -}}
{{- if $pg.backup.enabled }}
plugins:
  - name: {{ include "veche-data.barman" . }}
    isWALArchiver: true
    parameters:
      barmanObjectName: {{ include "veche-data.storeName" (dict "root" . "store" "first") }}
      serverName: {{ include "veche-data.serverName" . }}
{{- end }}
{{- with $pg.restore.fromServer }}
externalClusters:
  - name: {{ . }}
    plugin:
      name: {{ include "veche-data.barman" $ }}
      parameters:
        barmanObjectName: {{ include "veche-data.storeName" (dict "root" $ "store" $pg.restore.store) }}
        serverName: {{ . }}
{{- end }}
{{- end -}}
