{{- /*
veche.catalogue: what there is to run, and what each part needs. Network policies, routes, probes, drains and metrics follow from it.
  topology  where it runs       doors   clients come to it      sockets  it holds connections of clients
  app       label `app` of its pods, for tools that look for it
  rate      counter (without _total) of what it is asked to do     metrics  what fills it, beside CPU and memory
*/}}
{{- define "veche.catalogue" -}}
standalone:   { topology: standalone, doors: true, sockets: true, rate: veche_http_requests, metrics: [veche_ws_connections_active, veche_sse_connections_active] }
api:          { topology: split, doors: true, sockets: false, rate: veche_http_requests, metrics: [] }
websocket:    { topology: split, doors: true, sockets: true, app: chat-gateway, rate: veche_gateway_broadcasts, metrics: [veche_ws_connections_active] }
sse:          { topology: split, doors: true, sockets: true, rate: veche_gateway_broadcasts, metrics: [veche_sse_connections_active] }
auth:         { topology: split, doors: false, sockets: false, rate: veche_messaging_deliveries, metrics: [] }
chat:         { topology: split, doors: false, sockets: false, rate: veche_messaging_acks, metrics: [] }
notification: { topology: split, doors: false, sockets: false, rate: veche_messaging_deliveries, metrics: [] }
{{- end -}}

{{- /* veche.doors: services of both topologies that clients come to, as a list in YAML. */}}
{{- define "veche.doors" -}}
{{- $doors := list -}}
{{- range $name, $line := include "veche.catalogue" . | fromYaml -}}{{- if $line.doors -}}{{- $doors = append $doors $name -}}{{- end -}}{{- end -}}
[{{ join ", " $doors }}]
{{- end -}}

{{- /* veche.paths: which service answers which address, longest first; what is not here goes to the service of "/". */}}
{{- define "veche.paths" -}}
{{- if eq .Values.topology "split" -}}
websocket: [/connection/websocket, /realtime/ws]
sse: [/connection/sse, /connection/http_stream, /emulation, /realtime/events, /chat/events]
api: [/]
{{- else -}}
streams: [/connection, /emulation, /realtime, /chat/events]
rest: [/]
{{- end -}}
{{- end -}}
