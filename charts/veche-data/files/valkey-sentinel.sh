#!/bin/sh
# Starts a server, or the sentinel beside it. Who leads is what the sentinels say; where none answers yet it is the first server.
set -eu

self=$POD.$SERVERS
find_leader() {
  number=0
  while [ "$number" -lt "$REPLICAS" ]; do
    said=$(timeout 2 valkey-cli -h "${POD%-*}-$number.$SERVERS" -p 26379 sentinel get-master-addr-by-name veche 2>/dev/null | head -n 1) || true
    case $said in *.*) echo "$said" && return ;; esac
    number=$((number + 1))
  done
  echo "${POD%-*}-0.$SERVERS"
}
leader=$(find_leader)
# A server that is gone has no name, and somebody else will lead.
until getent hosts "$leader" >/dev/null; do
  sleep 1
  leader=$(find_leader)
done

if [ "$1" = server ]; then
  [ "$leader" = "$self" ] || set -- "$@" --replicaof "$leader 6379"
  shift
  exec valkey-server /etc/valkey/valkey.conf --replica-announce-ip "$self" "$@" ${PASSWORD:+--requirepass "$PASSWORD" --masterauth "$PASSWORD"}
fi

# An identity of its own each time would leave a dead sentinel behind that the majority is counted with.
cat >/tmp/sentinel.conf <<CONF
port 26379
dir /tmp
protected-mode no
sentinel myid $(printf %s "$self" | sha1sum | cut -c 1-40)
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip $self
sentinel monitor veche $leader 6379 $QUORUM
sentinel down-after-milliseconds veche $DOWN_AFTER_MS
sentinel failover-timeout veche 30000
${PASSWORD:+sentinel auth-pass veche $PASSWORD
requirepass $PASSWORD
sentinel sentinel-pass $PASSWORD}
CONF
exec valkey-sentinel /tmp/sentinel.conf
