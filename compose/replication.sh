#!/bin/bash
# Run once by the image when the primary's files are made: the replica may connect.
set -e
echo 'host replication postgres all scram-sha-256' >> "$PGDATA/pg_hba.conf"
