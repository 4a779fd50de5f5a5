#!/bin/sh
# prometheus-adapter: connections and rates for the plain autoscaler (stage 4, where KEDA does not scale). Arguments go to helm.
set -eu
VERSION=5.3.0

helm upgrade --install prometheus-adapter prometheus-adapter --repo https://prometheus-community.github.io/helm-charts --version "$VERSION" \
  --namespace monitoring --create-namespace --wait --values "$(dirname "$0")/prometheus-adapter.yaml" "$@"
