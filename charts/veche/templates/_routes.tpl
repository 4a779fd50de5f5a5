{{- /* veche.streamAnnotations: of an Ingress whose connections stay open: a day without a byte, nothing held back. */}}
{{- define "veche.ingressAnnotations" -}}
{{- $route := .root.Values.route -}}
{{- if eq $route.ingress.controller "nginx" }}
nginx.ingress.kubernetes.io/proxy-http-version: '1.1'
nginx.ingress.kubernetes.io/proxy-read-timeout: '86400'
nginx.ingress.kubernetes.io/proxy-send-timeout: '86400'
nginx.ingress.kubernetes.io/proxy-buffering: 'off'
nginx.ingress.kubernetes.io/proxy-request-buffering: 'off'
nginx.ingress.kubernetes.io/proxy-body-size: 128k
{{- if $route.sticky }}
nginx.ingress.kubernetes.io/upstream-hash-by: $remote_addr
{{- end }}
{{- end }}
{{- with $route.annotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* veche.backends: which Service answers which paths, as JSON: a list of {service, fullname, stream, paths}. */}}
{{- define "veche.backends" -}}
{{- $services := include "veche.services" . | fromJson -}}
{{- $backends := list -}}
{{- range $name, $paths := include "veche.paths" . | fromYaml -}}
  {{- $service := index $services (eq $.Values.topology "standalone" | ternary "standalone" $name) -}}
  {{- $backends = append $backends (dict "fullname" $service.fullname "stream" (not (has "/" $paths)) "paths" $paths) -}}
{{- end -}}
{{- dict "backends" $backends | toJson -}}
{{- end -}}
