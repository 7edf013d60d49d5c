#!/usr/bin/env bash
# Makes what the servers benchmark needs: .venv-bench, which exports the model, and .venv-bench-servers, which runs the
# servers; their packages ask for different versions of the same libraries.
set -euo pipefail
cd "$(dirname "$0")/../.."

Benchmarks/encoder/setup.sh
Benchmarks/shared/make_venv.sh .venv-bench-servers Benchmarks/servers/requirements.txt
