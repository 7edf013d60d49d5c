#!/usr/bin/env bash
# Runs all style checks, even after a failure, and lists those that failed.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=()
check() {
  local name=$1
  shift
  "$@" || failed+=("$name")
}

mapfile -t c_sources < <(scripts/c_sources.sh)

check "swift format" swift format lint -r -p --strict Sources Tests Fuzz Benchmarks Package.swift
check clang-format .venv/bin/clang-format --dry-run -Werror "${c_sources[@]}"
check gofmt "$(.venv/bin/go env GOROOT)/bin/gofmt" -d Tests/EndToEnd/go-client clients/go
check shellcheck shellcheck .ci/run scripts/*.sh Benchmarks/*/*.sh deploy/*/*.sh deploy/docker/healthcheck \
  deploy/debian/postinst deploy/debian/postrm deploy/debian/prerm
check "ruff check" .venv/bin/ruff check --quiet .
check "ruff format" .venv/bin/ruff format --check .
check mypy .venv/bin/mypy --config-file clients/python/pyproject.toml clients/python/src
# Each folder is checked separately: each is a program, and modules of different programs have the same names.
benchmarks_mypy=(env MYPYPATH=Benchmarks .venv/bin/mypy --strict)
check "mypy of shared" "${benchmarks_mypy[@]}" -p shared
for folder in batch encoder experts fairness latency python-client servers servers/rivals; do
  check "mypy of $folder" "${benchmarks_mypy[@]}" "Benchmarks/$folder"/*.py
done
# The helpers of the tests with proxies.
mapfile -t mesh < <(find Tests/Mesh -name '*.py' ! -name 'test_*')
check "mypy of Tests/Mesh" env MYPYPATH=Tests/EndToEnd:Tests/Mesh .venv/bin/mypy --strict \
  --config-file clients/python/pyproject.toml --follow-imports=silent --explicit-package-bases "${mesh[@]}"
check "generated code" scripts/check_generated.sh

if [[ ${#failed[@]} -gt 0 ]]; then
  printf 'lint: failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
echo "lint: clean"
