#!/usr/bin/env bash
# web.sh build|check|test|e2e: the browser side's steps, each installing its npm packages first
# when the lock file is newer than what is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

install() {
  local dir=$1
  [ "$dir/node_modules/.package-lock.json" -nt "$dir/package-lock.json" ] &&
    [ "$dir/node_modules/.package-lock.json" -nt "$dir/package.json" ] && return
  (cd "$dir" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error)
  touch "$dir/node_modules/.package-lock.json"
}

need_node() {
  command -v npm >/dev/null 2>&1 ||
    { echo "web: npm is missing: install Node.js 20 or newer (Debian: nodejs npm)" >&2; exit 1; }
}

case ${1:?build, check, test or e2e} in
build)
  [ -f web/package.json ] || exit 0
  need_node; install web
  # Vite is quick, but a build that changes nothing would still rebuild the server around it.
  if [ -f web/dist/index.html ] &&
     [ -z "$(find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -newer web/dist/index.html -print -quit)" ]; then
    exit 0
  fi
  npm --prefix web run build
  ;;
check)
  [ -f web/package.json ] || exit 0
  need_node; install web; npm --prefix web run --if-present check ;;
test)
  [ -f web/package.json ] || exit 0
  need_node; install web; npm --prefix web run --if-present test ;;
e2e)
  [ -f e2e/package.json ] || exit 0
  need_node; install e2e; npm --prefix e2e run test ;;
*) echo "web: unknown step $1" >&2; exit 2 ;;
esac
