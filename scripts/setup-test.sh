#!/usr/bin/env bash
# setup-test.sh: puts on this machine what the tests start by themselves: PostgreSQL, OpenSMTPD,
# the Prometheus Alertmanager and Chromium. Debian and its kin only; elsewhere it names what is
# missing and where. Installs nothing when nothing is missing. No service is left running.
# Beside them it puts the Python opsgenie-sdk and moto, an S3-compatible server, in virtual environments among
# the build products.
# `setup-test.sh bench` adds wrk, which the benchmarks need.
set -euo pipefail
cd "$(dirname "$0")/.."

python_environment() {
  local name=$1 wanted=$2 folder
  folder=$(cargo metadata --locked --no-deps --format-version 1 |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/tmp/$name
  ! cmp -s "$wanted" "$folder/made-from.txt" || return 0
  echo "setup-test: installing the Python $name in $folder"
  python3 -m venv --clear "$folder"
  "$folder/bin/python" -m pip install -q --disable-pip-version-check --no-compile -r "$wanted"
  cp "$wanted" "$folder/made-from.txt"
}
python_packages() {
  python_environment opsgenie-sdk crates/server/tests/requirements.txt
  python_environment moto crates/platform/tests/requirements-moto.txt
}

missing=()
have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
[ "${1:-}" != bench ] || have wrk || missing+=(wrk)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || have initdb || missing+=(postgresql)
have smtpd || missing+=(opensmtpd)
have prometheus-alertmanager || missing+=(prometheus-alertmanager)
have chromium || missing+=(chromium)
have python3 && python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || missing+=(python3-venv)
have setpriv || missing+=(util-linux)
[ ${#missing[@]} -gt 0 ] || { python_packages; exit 0; }

if ! have apt-get; then
  echo "setup-test: missing: ${missing[*]} (Debian package names). Install them, then run again." >&2
  exit 1
fi
root() { "$@"; }
if [ "$(id -u)" != 0 ]; then
  if ! have sudo; then
    echo "setup-test: missing: ${missing[*]}. As root: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  root() { sudo "$@"; }
fi

echo "setup-test: installing ${missing[*]}"
# The packages would start their services: these tests start their own, on ports of their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'root rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | root tee "$policy" >/dev/null
  root chmod 755 "$policy"
fi
root debconf-set-selections <<'SEED' || true
opensmtpd opensmtpd/mailname string localhost
opensmtpd opensmtpd/root_address string
SEED
[ "${BRIDGEWATCH_TEST_APT_UPDATED:-}" ] || root apt-get -q update
root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${missing[@]}"
python_packages
