#!/usr/bin/env bash
# test-cluster.sh STATE: the cluster that tests share when they run without `make test`.
# crates/testkit starts it in the background through with-postgres.sh; it writes the cluster's URL
# to STATE and lives as long as tests keep touching STATE (ten minutes without a touch end it).
set -euo pipefail
state=$1
printf '%s\n' "$BRIDGEWATCH_TEST_PG_URL" >"$state.new"
mv "$state.new" "$state"
# `read` on a pipe nobody writes to is a sleep without a child process to leave behind.
exec 9<> <(:)
while [ -n "$(find "$state" -mmin -10 2>/dev/null)" ]; do read -r -t 5 -u 9 || true; done
# A later cluster may have taken the place: only our own address is withdrawn.
[ "$(cat "$state" 2>/dev/null)" != "$BRIDGEWATCH_TEST_PG_URL" ] || rm -f "$state"
