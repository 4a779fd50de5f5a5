#!/bin/sh
# plugin-barman-cloud: backups of Postgres in object stores (postgres.backup). After cert-manager and CloudNativePG, whose namespace it shares.
set -eu
VERSION=v0.14.0

kubectl apply --server-side -f "https://github.com/cloudnative-pg/plugin-barman-cloud/releases/download/$VERSION/manifest.yaml"
kubectl --namespace cnpg-system wait --for=condition=Available deployment/barman-cloud --timeout=5m
