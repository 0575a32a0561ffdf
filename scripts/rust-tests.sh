#!/usr/bin/env bash
# rust-tests.sh [ARGS...]: all Rust tests, with cargo-nextest where it is installed and with
# `cargo test` where it is not. ARGS go to the runner.
set -euo pipefail
cd "$(dirname "$0")/.."
if cargo nextest --version >/dev/null 2>&1; then
  exec cargo nextest run --locked --no-tests=warn "$@"
fi
echo "rust-tests: cargo-nextest is not installed (cargo install cargo-nextest --locked); using cargo test" >&2
exec cargo test --locked "$@"
