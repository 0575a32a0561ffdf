#!/usr/bin/env bash
# bench.sh [ARGS of bench/run.py]: builds the release binary and measures it beside a durable PostgreSQL cluster.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${BENCH_BINARY:-}" ]; then
  cargo build --release --locked -p server --bin bridgewatch
  BENCH_BINARY=$(cargo metadata --locked --no-deps --format-version 1 |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/release/bridgewatch
fi
export BENCH_BINARY BRIDGEWATCH_TEST_PG_DURABLE=1 PYTHONDONTWRITEBYTECODE=1
exec scripts/with-postgres.sh python3 bench/run.py "$@"
