#!/bin/sh
# KEDA: scaling on the age of queues (stage 4, on request).
set -eu
VERSION=2.20.2

kubectl apply --server-side --force-conflicts -f "https://github.com/kedacore/keda/releases/download/v$VERSION/keda-$VERSION.yaml"
kubectl --namespace keda wait --for=condition=Available deployment --all --timeout=5m
