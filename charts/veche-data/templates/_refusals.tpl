{{- /* veche-data.refuse: stops when something cannot work. Each sentence ends with what to change. */}}
{{- define "veche-data.refuse" -}}
{{- include "veche-data.refusePostgres" . -}}
{{- include "veche-data.refuseBackup" . -}}
{{- include "veche-data.refuseRabbitmq" . -}}
{{- include "veche-data.refuseValkey" . -}}
{{- end -}}

{{- define "veche-data.refusePostgres" -}}
{{- $pg := .Values.postgres -}}
{{- $operator := eq $pg.mode "operator" -}}
{{- $sum := include "veche-data.connections" . | fromYaml -}}
{{- $most := max (int $sum.primary) (int $sum.replica) -}}
{{- if and (ne $pg.mode "external") (gt $most (int $pg.maxConnections)) -}}
  {{- fail (printf "one server of Postgres could be asked for %d connections, postgres.maxConnections is %d: raise it, or lower postgres.pooler.poolSize, its instances or postgres.connections.direct" $most (int $pg.maxConnections)) -}}
{{- end -}}
{{- if and $operator (ne $pg.rpo "asynchronous") (lt (int $pg.instances) 2) -}}
  {{- fail (printf "postgres.rpo %s wants a replica: set postgres.instances to 2, or 3 so that writes go on while one is away" $pg.rpo) -}}
{{- end -}}
{{- if and $pg.pooler.enabled (eq $pg.mode "single") -}}
  {{- fail "postgres.pooler.enabled needs postgres.mode operator: a single pod has no pooler; set it to false" -}}
{{- end -}}
{{- if and $operator $pg.pooler.enabled $pg.pooler.replicaInstances (lt (int $pg.instances) 2) -}}
  {{- fail "there is no replica for the poolers of postgres.pooler.replicaInstances: set it to 0, or postgres.instances to 2 or more" -}}
{{- end -}}
{{- range $name := list "max_connections" "synchronous_standby_names" -}}
  {{- if hasKey $pg.parameters $name -}}
    {{- fail (printf "postgres.parameters.%s would contradict the chart: use postgres.maxConnections and postgres.rpo" $name) -}}
  {{- end -}}
{{- end -}}
{{- range $name := list "default_pool_size" "max_db_connections" "max_client_conn" "max_prepared_statements" "server_login_retry" -}}
  {{- if hasKey $pg.pooler.parameters $name -}}
    {{- fail (printf "postgres.pooler.parameters.%s would contradict the chart: use the value of postgres.pooler that stands for it" $name) -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{- define "veche-data.refuseBackup" -}}
{{- $pg := .Values.postgres -}}
{{- $backup := $pg.backup -}}
{{- $first := $backup.store.destinationPath | default "" -}}
{{- $second := $backup.secondStore.bucket -}}
{{- if and (eq $pg.mode "single") (or $backup.enabled $pg.restore.fromServer) -}}
  {{- fail "postgres.backup and postgres.restore need postgres.mode operator: a single pod is neither backed up nor restored; set postgres.backup.enabled to false and postgres.restore.fromServer to ''" -}}
{{- end -}}
{{- if and $backup.enabled (not $first) -}}
  {{- fail "postgres.backup.enabled wants a store: set postgres.backup.store.destinationPath" -}}
{{- end -}}
{{- if and $second (not (hasPrefix "s3://" $first)) -}}
  {{- fail "postgres.backup.secondStore is a copy of a first store on S3: set postgres.backup.store.destinationPath to s3://…, or empty the second" -}}
{{- end -}}
{{- if and $second (eq (trimSuffix "/" $first) (printf "s3://%s" (trimSuffix "/" $second))) (eq ($backup.store.endpointURL | default "") $backup.secondStore.endpointURL) -}}
  {{- fail "both stores of postgres.backup are the same place: a copy there is lost with the original; change postgres.backup.secondStore" -}}
{{- end -}}
{{- include "veche-data.refuseRestore" . -}}
{{- end -}}

{{- define "veche-data.refuseRestore" -}}
{{- $pg := .Values.postgres -}}
{{- with $pg.restore.fromServer -}}
  {{- if not (ternary $pg.backup.store.destinationPath $pg.backup.secondStore.bucket (eq $pg.restore.store "first")) -}}
    {{- fail (printf "postgres.restore.fromServer wants the %s store: set its place in postgres.backup" $pg.restore.store) -}}
  {{- end -}}
  {{- if and $pg.backup.enabled (eq . (include "veche-data.serverName" $)) -}}
    {{- fail (printf "a restored Cluster must not write over the backups of %s that it came from: set postgres.backup.serverName to another name" .) -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{- define "veche-data.refuseRabbitmq" -}}
{{- $mq := .Values.rabbitmq -}}
{{- if and (eq $mq.mode "operator") (eq (mod $mq.nodes 2) 0) -}}
  {{- fail (printf "%d nodes of RabbitMQ survive no more than %d: set rabbitmq.nodes to an odd number" (int $mq.nodes) (sub $mq.nodes 1)) -}}
{{- end -}}
{{- if and (ne $mq.mode "external") (le (include "veche-data.bytes" $mq.storage.size | int64) (include "veche-data.bytes" $mq.resources.memory | int64)) -}}
  {{- fail (printf "rabbitmq.storage.size %s is no larger than its memory, below which free disk stops every publisher: raise it above %s" $mq.storage.size $mq.resources.memory) -}}
{{- end -}}
{{- if and (eq $mq.mode "single") $mq.policies -}}
  {{- fail "rabbitmq.policies need rabbitmq.mode operator: nobody would apply them to a single pod; empty the list" -}}
{{- end -}}
{{- end -}}

{{- define "veche-data.refuseValkey" -}}
{{- $valkey := .Values.valkey -}}
{{- $sentinel := $valkey.sentinel -}}
{{- if eq $valkey.mode "sentinel" -}}
  {{- if lt (int $sentinel.replicas) 3 -}}
    {{- fail (printf "%d sentinels have no majority once one is gone: set valkey.sentinel.replicas to 3 or more, or valkey.mode to single" (int $sentinel.replicas)) -}}
  {{- end -}}
  {{- if gt (int $sentinel.quorum) (int $sentinel.replicas) -}}
    {{- fail (printf "valkey.sentinel.quorum %d can never be reached by %d sentinels: lower it to a majority" (int $sentinel.quorum) (int $sentinel.replicas)) -}}
  {{- end -}}
  {{- if lt (mul 2 $sentinel.quorum) (int $sentinel.replicas) -}}
    {{- fail (printf "with valkey.sentinel.quorum %d of %d a minority can declare a master gone: raise it to a majority" (int $sentinel.quorum) (int $sentinel.replicas)) -}}
  {{- end -}}
{{- end -}}
{{- end -}}
