# Bridgewatch. `make run` starts the product with a demo company; `make test` is what CI runs.
.DEFAULT_GOAL := help
SHELL := /bin/bash

LISTEN ?= 127.0.0.1:8080
DATA ?= data
CARGO_TERM_PROGRESS_WHEN ?= auto

OPENAPI := docs/openapi.json

.PHONY: openapi help run dev test check bench setup-test setup-rust web fmt deny

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup-rust:
	@command -v cargo >/dev/null || { echo "cargo is missing: install Rust with rustup; rust-toolchain.toml names the version"; exit 1; }
	@command -v cc >/dev/null || { echo "a C compiler is missing (SQLite and ring need one; Debian: build-essential)"; exit 1; }

setup-test: setup-rust ## install what the tests start: PostgreSQL, OpenSMTPD, Alertmanager, Chromium, Python's opsgenie-sdk
	@scripts/setup-test.sh

web: ## build the web interface into web/dist
	@scripts/web.sh build

run: setup-rust web ## build and serve the demo company on http://127.0.0.1:8080
	cargo run --locked -p server --bin bridgewatch -- serve --demo --data $(DATA) --listen $(LISTEN)

dev: setup-rust web ## the server, and Vite with reload on http://127.0.0.1:5173
	@scripts/dev.sh

test: setup-test web ## every test: Rust on both databases, web, browser journeys
	@scripts/web.sh test
	@scripts/with-postgres.sh scripts/rust-tests.sh --workspace
	@cargo build --locked -p server --bin bridgewatch
	@scripts/web.sh e2e

check: setup-rust web ## before each commit: format, lints, unit tests, web checks
	cargo fmt --all --check
	cargo clippy --locked --workspace --lib --bins -- -D warnings
	cargo clippy --locked --workspace --tests -- -D warnings \
	  -A clippy::unwrap_used -A clippy::disallowed_methods -A clippy::print_stdout -A clippy::large_futures -A missing_docs
	scripts/rust-tests.sh --workspace --lib --bins
	scripts/web.sh check

openapi: setup-rust ## write the description of the API anew
	cargo run --quiet --locked -p server --bin bridgewatch -- openapi > $(OPENAPI).new && mv $(OPENAPI).new $(OPENAPI)

fmt: ## format everything
	cargo fmt --all

deny: ## licences, banned crates and sources (needs cargo-deny)
	@command -v cargo-deny >/dev/null || { echo "cargo-deny is missing: cargo install cargo-deny --locked"; exit 1; }
	cargo deny check bans licenses sources

bench: setup-rust web ## benchmarks with a release build (BENCH="names" for some of them); each prints its ratio
	@scripts/setup-test.sh bench
	@scripts/bench.sh $(BENCH)
