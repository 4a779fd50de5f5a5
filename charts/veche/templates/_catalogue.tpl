{{- /*
veche.catalogue: what there is to run, and what each part needs. Network policies, routes, probes, drains and metrics follow from it.
  topology  where it runs       doors   clients come to it      sockets  it holds connections of clients
  app       label `app` of its pods, for tools that look for it  metrics  what its load is measured by, beside CPU and memory
*/}}
{{- define "veche.catalogue" -}}
standalone:   { topology: standalone, doors: true, sockets: true, metrics: [veche_ws_connections_active, veche_sse_connections_active] }
api:          { topology: split, doors: true, sockets: false, metrics: [] }
websocket:    { topology: split, doors: true, sockets: true, app: chat-gateway, metrics: [veche_ws_connections_active] }
sse:          { topology: split, doors: true, sockets: true, metrics: [veche_sse_connections_active] }
auth:         { topology: split, doors: false, sockets: false, metrics: [] }
chat:         { topology: split, doors: false, sockets: false, metrics: [] }
notification: { topology: split, doors: false, sockets: false, metrics: [] }
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
