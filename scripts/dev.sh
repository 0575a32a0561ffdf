#!/usr/bin/env bash
# dev.sh: the server on 127.0.0.1:8080 and Vite on 127.0.0.1:5173, which passes /api to it.
# Ctrl-C ends both.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --locked -p server --bin bridgewatch
trap 'kill 0' EXIT
cargo run --locked -q -p server --bin bridgewatch -- serve --demo --data "${DATA:-data}" &
npm --prefix web run dev -- --host 127.0.0.1
