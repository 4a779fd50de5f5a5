#!/bin/sh
# cert-manager: certificates of the webhooks of plugin-barman-cloud and of RabbitMQ's topology operator.
set -eu
VERSION=v1.21.2

kubectl apply --server-side -f "https://github.com/cert-manager/cert-manager/releases/download/$VERSION/cert-manager.yaml"
kubectl --namespace cert-manager wait --for=condition=Available deployment --all --timeout=5m
