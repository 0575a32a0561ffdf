#!/usr/bin/env bash
# with-postgres.sh CMD...: runs CMD beside a throw-away PostgreSQL cluster and removes the cluster
# when CMD ends, however it ends. CMD finds it in BRIDGEWATCH_TEST_PG_URL.
#
# The cluster lives in a new temporary folder, listens on a socket in that folder and on nothing
# else, and is owned by an ordinary user: PostgreSQL refuses root, so root hands it to `postgres`.
# It does not sync to disk: it holds test data only. With BRIDGEWATCH_TEST_PG_DURABLE=1, for benchmarks, it does.
set -euo pipefail

if [ -n "${BRIDGEWATCH_TEST_PG_URL:-}" ]; then exec "$@"; fi

bin=${BRIDGEWATCH_TEST_PG_BIN:-}
if [ -z "$bin" ]; then
  for dir in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) $(dirname "$(command -v initdb || echo /nowhere/initdb)"); do
    if [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ]; then bin=$dir; break; fi
  done
fi
if [ -z "$bin" ]; then
  echo "with-postgres: no PostgreSQL server found; install it with 'make setup-test' (Debian: postgresql)" >&2
  exit 1
fi

as_owner() { "$@"; }
home=$(mktemp -d "${TMPDIR:-/tmp}/bwpg.XXXXXX")
if [ "$(id -u)" = 0 ]; then
  chown postgres: "$home"
  as_owner() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }
fi
chmod 755 "$home"

started=
command_pid=
# The command first: a test that still runs would wait for a database that has gone.
cleanup() {
  trap '' INT TERM HUP
  [ -z "$command_pid" ] || { kill "$command_pid" 2>/dev/null; wait "$command_pid" 2>/dev/null; } || true
  [ -z "$started" ] || as_owner "$bin/pg_ctl" -D "$home/data" -m immediate -w stop >/dev/null 2>&1 || true
  rm -rf "$home"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

cd /
as_owner "$bin/initdb" -D "$home/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync >"$home/initdb.log" 2>&1 ||
  { cat "$home/initdb.log" >&2; exit 1; }
as_owner tee -a "$home/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$home'
max_connections = 300
timezone = 'UTC'
CONF
if [ "${BRIDGEWATCH_TEST_PG_DURABLE:-}" ]; then
  as_owner tee -a "$home/data/postgresql.conf" >/dev/null <<CONF
shared_buffers = 1GB
max_wal_size = 4GB
CONF
else
  as_owner tee -a "$home/data/postgresql.conf" >/dev/null <<CONF
shared_buffers = 64MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum_naptime = 5min
CONF
fi
as_owner "$bin/pg_ctl" -D "$home/data" -l "$home/log" -w -t 60 start >/dev/null ||
  { cat "$home/log" >&2; exit 1; }
started=yes
cd "$OLDPWD"

export BRIDGEWATCH_TEST_PG_URL="postgres://postgres@localhost:5432/postgres?host=${home//\//%2F}"
set +e
# In the background with `wait`, so that a signal reaches the trap at once.
"$@" <&0 &
command_pid=$!
wait "$command_pid"
status=$?
command_pid=
exit "$status"
