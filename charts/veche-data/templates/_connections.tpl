{{- /*
veche-data.connections: how many connections the servers of Postgres can be asked for, as YAML: {poolers, replicaPoolers, primary, replica}.
A pooler opens `poolSize` for the owner at most (`max_db_connections`), and as many again for looking up passwords: those go to another database.
*/}}
{{- define "veche-data.connections" -}}
{{- $pg := .Values.postgres -}}
{{- $pooled := and $pg.pooler.enabled (eq $pg.mode "operator") -}}
{{- $each := mul 2 $pg.pooler.poolSize -}}
{{- $poolers := ternary (mul $each $pg.pooler.instances) 0 $pooled -}}
{{- $replicaPoolers := ternary (mul $each $pg.pooler.replicaInstances) 0 $pooled -}}
{{- $others := add $pg.connections.direct $pg.connections.reserved -}}
{{- dict "poolers" $poolers "replicaPoolers" $replicaPoolers "primary" (add $poolers $others) "replica" (add $replicaPoolers $others) | toYaml -}}
{{- end -}}
