#!/usr/bin/env bash
# Generates the Python client's messages and stubs from Protos/ into FOLDER, as a separate package.
# Usage: scripts/generate_python_stubs.sh [FOLDER]    (default: clients/python/src/scimult/_generated)
# GENERATOR_PYTHON names a Python with the grpcio-tools of Tests/EndToEnd/requirements.txt.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-clients/python/src/scimult/_generated}
python=${GENERATOR_PYTHON:-.venv/bin/python}
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT

"$python" -m grpc_tools.protoc --proto_path=Protos \
  --python_out="$staging" --pyi_out="$staging" --grpc_python_out="$staging" scimult/v1/scimult.proto

# The generator imports messages by their proto path. In the client both modules are in the same package.
sed -i 's/^from scimult\.v1 import /from . import /' "$staging/scimult/v1/scimult_pb2_grpc.py"
mkdir -p "$folder"
install -m 644 "$staging"/scimult/v1/scimult_pb2{.py,.pyi,_grpc.py} "$folder"
printf '"""What scripts/generate_python_stubs.sh makes of Protos/. Not for editing."""\n' >"$folder/__init__.py"
