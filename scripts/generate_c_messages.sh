#!/usr/bin/env bash
# Generates the C code of Protos/ into FOLDER: sources at its root, headers under include/.
# Usage: scripts/generate_c_messages.sh [FOLDER]    (default: Sources/CSciMultProto)
# GENERATOR_PYTHON names a Python with the protobuf package.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-Sources/CSciMultProto}
python=${GENERATOR_PYTHON:-.venv/bin/python}
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT

mapfile -t protos < <(cd Protos && find . -name '*.proto' -printf '%P\n' | sort)
# The two versions of reflection differ only in their package, which messages do not contain. One version is enough.
mapfile -t messages < <(printf '%s\n' "${protos[@]}" | grep -v ^grpc/reflection/v1alpha/)
protoc-c --proto_path=Protos --c_out="$staging" "${messages[@]}"
for proto in "${messages[@]}"; do
  name=${proto%.proto}
  install -D -m 644 "$staging/$name.pb-c.c" "$folder/$name.pb-c.c"
  install -D -m 644 "$staging/$name.pb-c.h" "$folder/include/$name.pb-c.h"
done
# Reflection describes only services that the server offers. It sends spans, but offers no service for them.
mapfile -t served < <(printf '%s\n' "${protos[@]}" | grep -v ^opentelemetry/)
protoc --proto_path=Protos --descriptor_set_out=/dev/stdout "${served[@]}" |
  "$python" scripts/descriptor_tables.py >"$staging/descriptors.c"
install -D -m 644 "$staging/descriptors.c" "$folder/descriptors.c"
