#!/usr/bin/env bash
# Generates the C code of Protos/ into FOLDER: sources at its root, headers under include/.
# Usage: scripts/generate_c_messages.sh [FOLDER]    (default: Sources/CSciMultProto)
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-Sources/CSciMultProto}
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT

mapfile -t protos < <(cd Protos && find . -name '*.proto' -printf '%P\n' | sort)
protoc-c --proto_path=Protos --c_out="$staging" "${protos[@]}"
for proto in "${protos[@]}"; do
  name=${proto%.proto}
  install -D -m 644 "$staging/$name.pb-c.c" "$folder/$name.pb-c.c"
  install -D -m 644 "$staging/$name.pb-c.h" "$folder/include/$name.pb-c.h"
done
