#!/usr/bin/env bash
# Installs what the benchmarks compare with, on Debian 12 as root: servers and load tools of Debian,
# and servers of npm in a folder beside the repository's own packages. Nothing is started.
set -euo pipefail
cd "$(dirname "$0")/.."

debian_packages=(
  apache2-utils
  caddy
  gcc
  h2o
  libc6-dev
  lighttpd
  nginx-light
  redis-server
  wrk
)

npm_packages=(
  autocannon@9.0.0
  http-server@14.1.1
  serve@14.2.7
  sirv-cli@3.0.1
)

missing_packages=()
for package in "${debian_packages[@]}"; do
  status="$(dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null || true)"
  [[ "$status" == "install ok installed" ]] || missing_packages+=("$package")
done

if ((${#missing_packages[@]} > 0)); then
  # Debian starts servers as it installs them, and the benchmarks need the machine to themselves.
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e "$policy" ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  apt-get install --yes --no-install-recommends "${missing_packages[@]}"
fi

# Not dependencies of weir: a folder of their own, which ignores itself.
mkdir -p .bench-peers
printf '*\n' >.bench-peers/.gitignore
npm install --prefix .bench-peers --no-save --no-audit --no-fund "${npm_packages[@]}"
