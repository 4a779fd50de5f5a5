{{- /* veche.ceilDiv: (list a b) → ⌈a ÷ b⌉ of whole numbers. */}}
{{- define "veche.ceilDiv" -}}
{{- $a := index . 0 | int64 -}}{{- $b := index . 1 | int64 -}}
{{- div (sub (add $a $b) 1) $b -}}
{{- end -}}

{{- /* veche.connectionsOf: of those that are expected, the ones that a service holds. Takes (dict "root" $ "service" "sse"). */}}
{{- define "veche.connectionsOf" -}}
{{- $capacity := .root.Values.capacity -}}
{{- $streams := div (mul (int64 $capacity.expectedConnections) (int64 $capacity.streamPercent)) 100 -}}
{{- if eq .service "sse" -}}{{ $streams }}
{{- else if eq .service "websocket" -}}{{ sub (int64 $capacity.expectedConnections) $streams }}
{{- else -}}{{ int64 $capacity.expectedConnections }}{{- end -}}
{{- end -}}

{{- /* veche.wanted: pods that `capacity` asks of a service, at least two where pods can share events. Takes (dict "root" $ "service" "sse"). */}}
{{- define "veche.wanted" -}}
{{- $capacity := .root.Values.capacity -}}
{{- $perPod := div (mul (int64 $capacity.connectionsPerPod) (int64 $capacity.fillPercent)) 100 -}}
{{- $connections := include "veche.connectionsOf" . | int64 -}}
{{- $owners := include "veche.ceilDiv" (list $capacity.messagesPerSecond $capacity.messagesPerPod) | int64 -}}
{{- $least := 2 -}}
{{- $pods := 2 -}}
{{- if eq .service "standalone" -}}
  {{- $pods = max $owners (include "veche.ceilDiv" (list $connections $perPod) | int64) -}}
  {{- if eq .root.Values.fanout "own" -}}{{- $least = 1 -}}{{- end -}}
{{- else if has .service (list "websocket" "sse") -}}{{- $pods = include "veche.ceilDiv" (list $connections $perPod) | int64 -}}
{{- else if eq .service "chat" -}}{{- $pods = $owners -}}
{{- end -}}
{{- max $least $pods -}}
{{- end -}}

{{- /* veche.drain: seconds of a service's way out, as JSON: preStop, window, flush, and the grace that a pod gets. Takes (dict "root" $ "sockets" true "doors" true). */}}
{{- define "veche.drain" -}}
{{- $drain := .root.Values.drain -}}
{{- $preStop := ternary (int $drain.preStopSeconds) 0 .doors -}}
{{- $window := ternary (int $drain.windowSeconds) 0 .sockets -}}
{{- $flush := int $drain.flushSeconds -}}
{{- $sum := add $preStop $window $flush (int $drain.marginSeconds) -}}
{{- dict "preStop" $preStop "window" $window "flush" $flush "sum" $sum "grace" (max $sum (int $drain.graceSeconds)) | toJson -}}
{{- end -}}
