#!/bin/sh
# Envoy Gateway: the Gateway API over Envoy, for route.gateway.profile=envoy of charts/veche. Arguments go to helm.
set -eu
VERSION=v1.9.0

helm upgrade --install envoy-gateway oci://docker.io/envoyproxy/gateway-helm --version "$VERSION" \
  --namespace envoy-gateway-system --create-namespace --wait "$@"
