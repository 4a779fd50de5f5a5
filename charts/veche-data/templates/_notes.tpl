{{- /* Parts of NOTES.txt. */}}
{{- define "veche-data.notesPostgres" -}}
{{- $pg := .Values.postgres -}}
{{- $name := include "veche.fullname" (dict "root" . "component" "postgres") -}}
{{- $sum := include "veche-data.connections" . | fromYaml -}}
{{- if eq $pg.mode "operator" -}}
Postgres    {{ $pg.instances }} servers, {{ $pg.rpo }}
            primary {{ $name }}-rw:5432, replicas {{ $name }}-ro:5432
{{- if $pg.pooler.enabled }}
            poolers {{ include "veche.fullname" (dict "root" . "component" "pooler-rw") }}:5432{{ if $pg.pooler.replicaInstances }}, {{ include "veche.fullname" (dict "root" . "component" "pooler-ro") }}:5432{{ end }}
{{- end }}
            connections: primary {{ $sum.primary }} of {{ $pg.maxConnections }} (poolers {{ $sum.poolers }}, direct {{ $pg.connections.direct }}, reserved {{ $pg.connections.reserved }}), replica {{ $sum.replica }}
            user and password: Secret {{ include "veche-data.secretName" (dict "root" . "component" "postgres" "given" $pg.existingSecret "suffix" "-app") }}{{ if not $pg.existingSecret }}, made by the operator{{ end }}
{{- if and (eq $pg.rpo "zero") (lt (int $pg.instances) 3) }}
            ! with two servers nothing can be written while one is away; postgres.instances: 3 goes on
{{- end }}
{{- if not $pg.backup.enabled }}
            ! no backups: set postgres.backup
{{- else if not $pg.backup.secondStore.bucket }}
            ! backups are in one store only: set postgres.backup.secondStore
{{- end }}
{{- else if eq $pg.mode "single" -}}
Postgres    ! one pod for trying out: no replica, no backup, no failover. {{ $name }}-rw and -ro lead to it
            user and password: Secret {{ include "veche-data.secretName" (dict "root" . "component" "postgres" "given" $pg.existingSecret "suffix" "-app") }}, which you make
{{- else -}}
Postgres    somebody else's
{{- end -}}
{{- end -}}

{{- define "veche-data.notesRabbitmq" -}}
{{- $mq := .Values.rabbitmq -}}
{{- $name := include "veche.fullname" (dict "root" . "component" "rabbitmq") -}}
{{- if eq $mq.mode "operator" -}}
RabbitMQ    {{ $mq.nodes }} nodes at {{ $name }}:5672, vhost {{ $mq.vhost }}
{{- else if eq $mq.mode "single" -}}
RabbitMQ    ! one pod for trying out, at {{ $name }}:5672, vhost {{ $mq.vhost }}
{{- else -}}
RabbitMQ    somebody else's, or none
{{- end -}}
{{- if ne $mq.mode "external" }}
            user and password: Secret {{ include "veche-data.rabbitmqSecret" . }}, which you make
{{- end -}}
{{- end -}}

{{- define "veche-data.notesValkey" -}}
{{- $valkey := .Values.valkey -}}
{{- $name := include "veche.fullname" (dict "root" . "component" "valkey") -}}
{{- if eq $valkey.mode "sentinel" -}}
Valkey      {{ $valkey.sentinel.replicas }} servers with sentinels; {{ $name }}:6379 leads to the one that leads
{{- else if eq $valkey.mode "single" -}}
Valkey      one pod at {{ $name }}:6379; what it holds may be lost
{{- else -}}
Valkey      somebody else's, or none
{{- end -}}
{{- end -}}

{{- /* veche-data.notesSecrets: the lines that make what is not made here. */}}
{{- define "veche-data.notesSecrets" -}}
{{- $kubectl := printf "kubectl --namespace %s" .Release.Namespace -}}
{{- $password := `--from-literal=password="$(openssl rand -hex 24)"` -}}
{{- if or (eq .Values.postgres.mode "single") (and (eq .Values.postgres.mode "operator") .Values.postgres.existingSecret) }}
  {{ $kubectl }} create secret generic {{ include "veche-data.secretName" (dict "root" . "component" "postgres" "given" .Values.postgres.existingSecret "suffix" "-app") }} --from-literal=username={{ .Values.postgres.owner }} {{ $password }}
{{- end }}
{{- if ne .Values.rabbitmq.mode "external" }}
  {{ $kubectl }} create secret generic {{ include "veche-data.rabbitmqSecret" . }} --from-literal=username=veche {{ $password }}
{{- end }}
{{- if eq .Values.rabbitmq.mode "operator" }}
  {{ $kubectl }} label secret {{ include "veche-data.rabbitmqSecret" . }} rabbitmq.com/topology-operator=true
{{- end }}
{{- if and (ne .Values.valkey.mode "external") .Values.valkey.existingSecret }}
  {{ $kubectl }} create secret generic {{ .Values.valkey.existingSecret }} {{ $password }}
{{- end }}
{{- end -}}
