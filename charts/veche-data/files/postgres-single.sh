#!/bin/sh
# Postgres in one pod, for trying out: the first start makes the database and its owner from the Secret, every start serves it.
# Needs only the programs of Postgres on the PATH, so that any image of it will do.
set -eu

data=$PGDATA
if [ ! -s "$data/PG_VERSION" ]; then
  # What a start that was cut off left behind is no database.
  rm -rf "$data.new"
  initdb --pgdata "$data.new" --username postgres --auth-local trust --auth-host scram-sha-256 --encoding UTF8 --no-locale
  echo 'host all all all scram-sha-256' >>"$data.new/pg_hba.conf"
  pg_ctl --pgdata "$data.new" --wait --options "-c listen_addresses='' -c unix_socket_directories=/run/postgresql" start
  psql --host /run/postgresql --username postgres --no-psqlrc --set ON_ERROR_STOP=1 <<'SQL'
\getenv owner OWNER
\getenv password PASSWORD
\getenv database DATABASE
create role :"owner" login password :'password';
create database :"database" owner :"owner";
SQL
  pg_ctl --pgdata "$data.new" --wait --mode fast stop
  mv "$data.new" "$data"
fi
exec postgres -D "$data" -c config_file=/etc/postgresql/postgresql.conf -c hba_file="$data/pg_hba.conf"
