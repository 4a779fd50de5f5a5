#!/bin/sh
# Traefik 3.6: the Gateway traefik in namespace ingress, open to routes of every namespace, and Ingress of class traefik.
# Arguments go to helm, such as -f values.yaml.
set -eu
VERSION=39.0.9

helm upgrade --install traefik traefik --repo https://traefik.github.io/charts --version "$VERSION" \
  --namespace ingress --create-namespace --wait \
  --set providers.kubernetesGateway.enabled=true --set gateway.enabled=false "$@"
# A listener has the port of Traefik's entry point, which its Service maps to 80.
kubectl apply --server-side -f - <<'GATEWAY'
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: traefik, namespace: ingress }
spec:
  gatewayClassName: traefik
  listeners:
    - name: web
      protocol: HTTP
      port: 8000
      allowedRoutes: { namespaces: { from: All } }
GATEWAY
