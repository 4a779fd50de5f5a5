{{- /* veche.refusals: combinations that cannot work, all at once, each with the value to change. Takes the root; renders nothing. */}}
{{- define "veche.refusals" -}}
{{- $found := list -}}
{{- $values := .Values -}}
{{- $services := include "veche.services" . | fromJson -}}
{{- if eq $values.prepare $values.topology -}}{{- $found = append $found (printf "prepare %s is what runs already: set it to the other topology, or to nothing" $values.prepare) -}}{{- end -}}
{{- if eq $values.topology "standalone" -}}
  {{- $pods := int $services.standalone.most -}}
  {{- if and (gt $pods 1) (eq $values.fanout "own") -}}
    {{- $found = append $found (printf "%d standalone pods would not hear of each other's messages: set fanout to redis (with redis.host) or postgres, or services.standalone.replicas to 1" $pods) -}}
  {{- end -}}
{{- else -}}
  {{- if eq $values.fanout "postgres" -}}{{- $found = append $found "fanout postgres is for standalone pods: set fanout to own (RabbitMQ) or redis" -}}{{- end -}}
{{- end -}}
{{- if include "veche.hasSplit" . -}}
  {{- if not $values.rabbitmq.hosts -}}{{- $found = append $found "topology split is joined by RabbitMQ: set rabbitmq.hosts" -}}{{- end -}}
  {{- $queues := include "veche.queues" . | int -}}
  {{- if gt (int $services.chat.most) $queues -}}
    {{- $found = append $found (printf "%d pods of chat share %d command queues, so some would idle: lower services.chat's replicas or maxReplicas, or raise settings.BUS_COMMAND_QUEUES" (int $services.chat.most) $queues) -}}
  {{- end -}}
{{- end -}}
{{- if and (eq $values.fanout "redis") (not $values.redis.host) -}}{{- $found = append $found "fanout redis needs redis.host" -}}{{- end -}}
{{- if and $values.image.digest $values.image.perApp -}}{{- $found = append $found "image.digest names one image, and image.perApp says that each app has its own: unset one of them" -}}{{- end -}}
{{- if and (not $values.postgres.pooler.host) (gt (int $values.postgres.maxConnections) 0) -}}
  {{- $pools := include "veche.poolSizes" . | fromJson -}}
  {{- $sum := mul (include "veche.mostPods" . | int) (add $pools.pool $pools.overflow) | add (mul (include "veche.preparedPods" . | int) (include "veche.preparedPool" . | int)) -}}
  {{- $room := sub (int $values.postgres.maxConnections) (include "veche.reservedConnections" . | int) -}}
  {{- if gt $sum $room -}}
    {{- $found = append $found (printf "pools of %s pods may open %d connections, of %d there are %d for them: set postgres.pooler.host, lower settings.PG_POOL_SIZE and PG_MAX_OVERFLOW, or raise postgres.maxConnections with the server's" (include "veche.mostPods" .) (int $sum) (int $values.postgres.maxConnections) (int $room)) -}}
  {{- end -}}
{{- end -}}
{{- range $name, $service := $services -}}
  {{- range list "PG_POOL_SIZE" "PG_MAX_OVERFLOW" -}}
    {{- if hasKey ($service.settings | default dict) . -}}{{- $found = append $found (printf "services.%s.settings.%s: pools are equal in all services, so that their sum is known: use settings.%s" $name . .) -}}{{- end -}}
  {{- end -}}
{{- end -}}
{{- $computed := dict "GATEWAY_DRAIN_MS" "drain.windowSeconds" "VECHE_SHUTDOWN_MS" "drain.flushSeconds" "VECHE_UNREADY_MS" "drain.preStopSeconds" "VECHE_PORT" "route" "VECHE_PRIVATE_PORT" "monitoring" "BUS_FANOUT" "fanout" -}}
{{- range $setting, $instead := $computed -}}
  {{- $places := list $values.settings -}}
  {{- range $services -}}{{- $places = append $places (.settings | default dict) -}}{{- end -}}
  {{- range $place := $places -}}
    {{- if hasKey $place $setting -}}{{- $found = append $found (printf "settings.%s is for the chart to set, with what else depends on it: use %s" $setting $instead) -}}{{- end -}}
  {{- end -}}
{{- end -}}
{{- range $name, $service := $services -}}
  {{- $own := index $values.services $name | default dict -}}
  {{- if and (or $service.autoscaling.enabled $service.autoscaling.minReplicas) (or $own.replicas $values.defaults.replicas) -}}{{- $found = append $found (printf "services.%s has autoscaling and replicas, which would undo each other: remove replicas, or set autoscaling.enabled to false and no minReplicas" $name) -}}{{- end -}}
  {{- if gt (int $service.pods) (int $service.most) -}}{{- $found = append $found (printf "services.%s.autoscaling: minReplicas %d is more than maxReplicas %d" $name (int $service.pods) (int $service.most)) -}}{{- end -}}
  {{- if and $service.verticalAutoscaling.enabled (ne $service.verticalAutoscaling.mode "Off") (or $service.autoscaling.enabled $service.sockets) -}}
    {{- $found = append $found (printf "services.%s.verticalAutoscaling.mode %s would fight autoscaling, or drop connections: set it to Off" $name $service.verticalAutoscaling.mode) -}}
  {{- end -}}
  {{- if and (gt (int $values.drain.graceSeconds) 0) (lt (int $values.drain.graceSeconds) (int $service.drain.sum)) -}}
    {{- $found = append $found (printf "drain.graceSeconds is %d, but the drain of %s takes %d: raise it, or set it to 0 to have it computed" (int $values.drain.graceSeconds) $name (int $service.drain.sum)) -}}
  {{- end -}}
{{- end -}}
{{- $gateway := $values.route.gateway -}}
{{- if and $gateway.enabled (not $gateway.parentRefs) -}}{{- $found = append $found "route.gateway needs route.gateway.parentRefs: the Gateway that it attaches to" -}}{{- end -}}
{{- if and $gateway.enabled (eq $gateway.profile "gke") (ne $gateway.timeouts "none") -}}{{- $found = append $found "GKE refuses a route with timeouts: set route.gateway.timeouts to none, and the timeout in a GCPBackendPolicy of extraObjects" -}}{{- end -}}
{{- if and $values.route.sticky $gateway.enabled (not $values.route.ingress.enabled) -}}{{- $found = append $found "route.sticky: the Gateway API has no stable way to say it; set route.sticky to false (nothing needs it), or use route.ingress" -}}{{- end -}}
{{- with $found | uniq -}}{{- fail (printf "\n- %s\n" (join "\n- " .)) -}}{{- end -}}
{{- end -}}
