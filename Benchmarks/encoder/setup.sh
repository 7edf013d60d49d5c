#!/usr/bin/env bash
# Makes .venv-bench, the Python environment of the encoder benchmark.
set -euo pipefail
cd "$(dirname "$0")/../.."

Benchmarks/shared/make_venv.sh .venv-bench Benchmarks/encoder/requirements.txt
