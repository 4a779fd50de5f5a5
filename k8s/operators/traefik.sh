#!/bin/sh
# Traefik 3.6: a Gateway, and Ingress of class traefik. Arguments go to helm, such as -f values.yaml.
set -eu
VERSION=39.0.9

helm upgrade --install traefik traefik --repo https://traefik.github.io/charts --version "$VERSION" \
  --namespace ingress --create-namespace --wait \
  --set providers.kubernetesGateway.enabled=true \
  --set gateway.listeners.web.namespacePolicy.from=All \
  "$@"
