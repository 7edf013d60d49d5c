#!/usr/bin/env bash
# Makes the environments of the servers benchmark: .venv-bench, which exports the model, and .venv-bench-servers, which
# runs the servers. Their packages need different versions of the same libraries.
set -euo pipefail
cd "$(dirname "$0")/../.."

Benchmarks/encoder/setup.sh
Benchmarks/shared/make_venv.sh .venv-bench-servers Benchmarks/servers/requirements.txt
