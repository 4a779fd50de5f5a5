#!/bin/sh
# RabbitMQ's operators: RabbitmqCluster, and its vhosts, users, permissions and policies. After cert-manager.
# Not below 2.22.3 and 1.20.1 (CVE-2026-62360, CVE-2026-61830).
set -eu
CLUSTER_OPERATOR=v2.22.3
TOPOLOGY_OPERATOR=v1.20.1

kubectl apply --server-side -f "https://github.com/rabbitmq/cluster-operator/releases/download/$CLUSTER_OPERATOR/cluster-operator.yml"
kubectl apply --server-side \
  -f "https://github.com/rabbitmq/messaging-topology-operator/releases/download/$TOPOLOGY_OPERATOR/messaging-topology-operator-with-certmanager.yaml"
kubectl --namespace rabbitmq-system wait --for=condition=Available deployment --all --timeout=5m
