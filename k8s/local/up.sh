#!/bin/sh
# A cluster on this laptop with Veche in it: k8s/local/up.sh [stage]. Stage 1 unless said otherwise; again with the next one to move there.
# Needs a container engine, kind, kubectl and helm. `kind delete cluster --name veche` removes everything.
set -eu
cd "$(dirname "$0")/../.."
stage=${1:-1}
kube() { kubectl --context kind-veche --namespace veche "$@"; }

kind get clusters | grep -qx veche || kind create cluster --config k8s/local/kind.yaml --wait 5m
kubectl config use-context kind-veche

k8s/operators/cloudnative-pg.sh
k8s/operators/traefik.sh -f k8s/local/traefik.yaml
[ "$stage" -lt 2 ] || { k8s/operators/cert-manager.sh && k8s/operators/rabbitmq.sh; }
[ "$stage" -lt 3 ] || k8s/operators/kube-prometheus-stack.sh
if [ "$stage" -ge 4 ]; then
  k8s/operators/metrics-server.sh
  # Kubelets of kind sign their certificates themselves.
  kubectl --namespace kube-system patch deployment metrics-server --type json \
    --patch '[{"op":"add","path":"/spec/template/spec/containers/0/args/-","value":"--kubelet-insecure-tls"}]'
fi

docker build --tag veche:local .
kind load docker-image --name veche veche:local

kubectl create namespace veche --dry-run=client --output yaml | kubectl apply -f -
kubectl label --overwrite namespace veche pod-security.kubernetes.io/enforce=restricted
# Made once: a password that changed would no longer fit what the server has.
kube get secret veche-data-rabbitmq >/dev/null 2>&1 ||
  kube create secret generic veche-data-rabbitmq --from-literal=username=veche --from-literal=password="$(openssl rand -hex 24)"
kube label --overwrite secret veche-data-rabbitmq rabbitmq.com/topology-operator=true

for chart in veche-data veche veche-observability; do
  [ "$chart" != veche-observability ] || [ "$stage" -ge 3 ] || continue
  set -- -f "charts/$chart/stages/stage-$stage.yaml"
  [ ! -f "charts/$chart/profiles/small.yaml" ] || set -- "$@" -f "charts/$chart/profiles/small.yaml"
  [ "$chart" != veche ] || set -- "$@" -f k8s/local/veche.yaml --set image.tag=local
  helm upgrade --install "$chart" "charts/$chart" --kube-context kind-veche --namespace veche --timeout 15m "$@"
done
# See "To stage 2" in docs/operations.md.
[ "$stage" -lt 2 ] || kube exec service/veche-data-postgres-rw -c postgres -- psql -c 'SELECT pg_reload_conf()'
kube wait --for=condition=Available deployment --all --timeout=10m
echo 'Veche is at http://localhost:8080'
