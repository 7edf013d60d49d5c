#!/usr/bin/env bash
# Makes .venv-bench, the Python environment of the encoder benchmark, and says what it does. Runs again in a moment.
#   SCIMULT_BENCH_INDEX  a package index to take everything from, instead of the configured one
#   SCIMULT_TORCH_INDEX  where PyTorch for CPUs comes from when that index lacks it
set -euo pipefail
cd "$(dirname "$0")/../.."

python=${PYTHON:-python3}
requirements=Benchmarks/encoder/requirements.txt
torch_index=${SCIMULT_TORCH_INDEX:-https://download.pytorch.org/whl/cpu}

say() { printf 'bench setup: %s\n' "$*" >&2; }

# Changes whenever the environment would have to be made anew: its inputs, its Python, its place.
stamp=$({ pwd && "$python" -VV && cat Benchmarks/encoder/setup.sh "$requirements"; } | sha256sum)
if [[ -f .venv-bench/setup-stamp && $(<.venv-bench/setup-stamp) == "$stamp" ]]; then exit 0; fi

pip=(.venv-bench/bin/python -m pip --disable-pip-version-check --no-input --quiet)
index=()
if [[ -n ${SCIMULT_BENCH_INDEX:-} ]]; then index=(--index-url "$SCIMULT_BENCH_INDEX"); fi

say "making .venv-bench with $("$python" -V)"
"$python" -m venv --clear .venv-bench
say "installing the peers (1 GB)"
mapfile -t packages < <(grep -v '^#' "$requirements")
missing=()
if ! "${pip[@]}" install "${index[@]}" "${packages[@]}" 2>/dev/null; then
  # PyTorch goes first: what needs any PyTorch then finds the small one, without CUDA.
  torch=$(grep '^torch==' "$requirements")
  "${pip[@]}" install "${index[@]}" "$torch" 2>/dev/null ||
    "${pip[@]}" install --index-url "$torch_index" "$torch" || missing+=("$torch")
  for package in "${packages[@]}"; do
    if [[ $package == "$torch" ]]; then continue; fi
    "${pip[@]}" install "${index[@]}" "$package" || missing+=("$package")
  done
fi

if [[ ${#missing[@]} -gt 0 ]]; then
  say "did not install: ${missing[*]}; their peers will be absent, and the next run tries again"
else
  printf '%s\n' "$stamp" >.venv-bench/setup-stamp
fi
