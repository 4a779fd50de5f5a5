#!/bin/sh
# metrics-server: CPU and memory for autoscaling (stage 4). Many clusters have one already: `kubectl top nodes` answers then.
set -eu
VERSION=v0.9.0

kubectl apply --server-side --force-conflicts -f "https://github.com/kubernetes-sigs/metrics-server/releases/download/$VERSION/components.yaml"
