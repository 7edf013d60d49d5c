#!/usr/bin/env bash
# Makes .venv-deploy, the Python environment for the tests of deploy/, and installs their Debian programs if possible. A
# test without its program is skipped and names the program. A repeated run takes only a moment.
set -euo pipefail
cd "$(dirname "$0")/../.."

python=${PYTHON:-python3}
venv=.venv-deploy

say() { printf 'deploy setup: %s\n' "$*" >&2; }

missing_packages() {
  local program package
  while read -r program package; do
    command -v "$program" >/dev/null || echo "$package"
  done <<'PROGRAMS'
buildah buildah
dpkg-shlibdeps dpkg-dev
kubectl kubernetes-client
lintian lintian
man man-db
mmdebstrap mmdebstrap
patchelf patchelf
setpriv util-linux
strip binutils
systemd-analyze systemd
systemd-nspawn systemd-container
PROGRAMS
}

install_debian_packages() {
  local packages
  mapfile -t packages < <(missing_packages)
  [[ ${#packages[@]} -gt 0 ]] || return 0
  if ! command -v apt-get >/dev/null || [[ $(id -u) -ne 0 ]]; then
    say "checks will be skipped; all of them take these Debian packages: ${packages[*]}"
    return 0
  fi
  say "installing with apt: ${packages[*]}"
  apt-get update -qq </dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" </dev/null >/dev/null ||
    say "checks will be skipped: apt-get cannot install ${packages[*]}"
}

# The stamp changes if the environment must be rebuilt: if its inputs, its Python or its path change.
install_python_packages() {
  local stamp inputs=(deploy/check/setup.sh deploy/check/requirements.txt Tests/EndToEnd/requirements.txt
    scripts/requirements.txt clients/python/pyproject.toml)
  stamp=$({ pwd && "$python" -VV && cat "${inputs[@]}"; } | sha256sum)
  if [[ -f $venv/setup-stamp && $(<"$venv/setup-stamp") == "$stamp" ]]; then return 0; fi
  say "making $venv with $("$python" -V)"
  "$python" -m venv --clear "$venv"
  "$venv/bin/python" -m pip --disable-pip-version-check --no-input --quiet install \
    -r deploy/check/requirements.txt -e clients/python
  printf '%s\n' "$stamp" >"$venv/setup-stamp"
}

install_debian_packages
install_python_packages
