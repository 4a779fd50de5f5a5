#!/bin/sh
# CloudNativePG: Cluster and Pooler of charts/veche-data. Not below 1.30.0 (CVE-2026-55769).
set -eu
VERSION=1.30.0

kubectl apply --server-side --force-conflicts \
  -f "https://raw.githubusercontent.com/cloudnative-pg/cloudnative-pg/release-${VERSION%.*}/releases/cnpg-$VERSION.yaml"
kubectl --namespace cnpg-system wait --for=condition=Available deployment/cnpg-controller-manager --timeout=5m
