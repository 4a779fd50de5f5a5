#!/bin/sh
# kube-prometheus-stack: Prometheus, Alertmanager, Grafana and their operator (stage 3). Arguments go to helm.
# Without the first three settings it would look only at monitors and rules that its own release made. Its alert of an autoscaler at its most would
# never end for services whose number is fixed.
set -eu
VERSION=90.2.0

helm upgrade --install kube-prometheus-stack kube-prometheus-stack --repo https://prometheus-community.github.io/helm-charts --version "$VERSION" \
  --namespace monitoring --create-namespace --wait \
  --set prometheus.prometheusSpec.podMonitorSelectorNilUsesHelmValues=false \
  --set prometheus.prometheusSpec.serviceMonitorSelectorNilUsesHelmValues=false \
  --set prometheus.prometheusSpec.ruleSelectorNilUsesHelmValues=false \
  --set defaultRules.disabled.KubeHpaMaxedOut=true \
  "$@"
