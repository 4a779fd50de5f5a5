#!/bin/bash
# Copies the primary if this volume has no replica yet, then follows it. The slot keeps on the primary what the replica has not read.
set -e
if [ ! -f "$PGDATA/standby.signal" ]; then
  rm -rf "$PGDATA"
  psql -h postgres -U postgres -qc "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'replica' AND NOT active"
  pg_basebackup -h postgres -U postgres -D "$PGDATA" --write-recovery-conf --create-slot --slot=replica --checkpoint=fast
fi
exec postgres -c hot_standby=on -c max_connections=200
