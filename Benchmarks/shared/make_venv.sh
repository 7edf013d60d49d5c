#!/usr/bin/env bash
# Makes the Python environment of a benchmark, and prints each step. A repeated run takes only a moment.
#   Benchmarks/shared/make_venv.sh FOLDER REQUIREMENTS
# A package that cannot be installed is left out, and the next run tries it again.
#   SCIMULT_BENCH_INDEX  a package index for all packages, instead of the configured one
#   SCIMULT_TORCH_INDEX  the index for PyTorch for CPUs if that index lacks it
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=$1
requirements=$2
python=${PYTHON:-python3}
torch_index=${SCIMULT_TORCH_INDEX:-https://download.pytorch.org/whl/cpu}

say() { printf 'bench setup: %s\n' "$*" >&2; }

# The stamp changes if the environment must be rebuilt: if its inputs, its Python or its path change.
stamp=$({ pwd && "$python" -VV && cat Benchmarks/shared/make_venv.sh "$requirements"; } | sha256sum)
if [[ -f $venv/setup-stamp && $(<"$venv/setup-stamp") == "$stamp" ]]; then exit 0; fi

pip=("$venv/bin/python" -m pip --disable-pip-version-check --no-input --quiet)
index=()
if [[ -n ${SCIMULT_BENCH_INDEX:-} ]]; then index=(--index-url "$SCIMULT_BENCH_INDEX"); fi

say "making $venv with $("$python" -V)"
"$python" -m venv --clear "$venv"
# Common modules of the benchmarks are imported from the source folder.
echo "$PWD/Benchmarks" >"$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/benchmarks.pth"
say "installing what $requirements names (1 to 2 GB)"
missing=()
if ! "${pip[@]}" install "${index[@]}" -r "$requirements" 2>/dev/null; then
  # PyTorch is installed first. Other packages then accept the small build, without CUDA.
  torch=$(grep '^torch==' "$requirements")
  "${pip[@]}" install "${index[@]}" "$torch" 2>/dev/null ||
    "${pip[@]}" install --index-url "$torch_index" "$torch" || missing+=("$torch")
  mapfile -t packages < <(grep -v '^#\|^torch==' "$requirements")
  for package in "${packages[@]}"; do
    "${pip[@]}" install "${index[@]}" -r <(echo "$package") || missing+=("$package")
  done
fi

if [[ ${#missing[@]} -gt 0 ]]; then
  say "did not install: ${missing[*]}; what needs them will be absent, and the next run tries again"
else
  printf '%s\n' "$stamp" >"$venv/setup-stamp"
fi
