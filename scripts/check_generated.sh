#!/usr/bin/env bash
# Checks that the committed generated code is what Protos/ makes.
set -euo pipefail
cd "$(dirname "$0")/.."

staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT

scripts/generate_c_messages.sh "$staging/c"
scripts/generate_python_stubs.sh "$staging/python"
scripts/generate_go_stubs.sh "$staging/go"

# protoc-c writes its version into every header; another version's output differs without being wrong.
generator_version() { sed -n 's/^#elif \([0-9]*\) < PROTOBUF_C_MIN_COMPILER_VERSION$/\1/p' "$1/scimult/v1/scimult.pb-c.h"; }
committed=$(generator_version Sources/CSciMultProto/include)
present=$(generator_version "$staging/c/include")

same=true
if [[ $committed == "$present" ]]; then
  diff -r --exclude=CSciMultProto.h --exclude=descriptors.h "$staging/c" Sources/CSciMultProto || same=false
elif [[ ${CI:-} == true ]]; then
  echo "generated code was made by protoc-c $committed; CI's is $present" >&2
  exit 1
else
  echo "note: C code not compared: it was made by protoc-c $committed, this one is $present" >&2
fi
diff -r --exclude=__pycache__ "$staging/python" clients/python/src/scimult/_generated || same=false
# Its generators write their versions, and that of protoc, into comments.
diff -r --ignore-matching-lines='^// *\(- \)\?proto' "$staging/go" clients/go/scimultpb || same=false
if ! $same; then
  echo "generated code differs from Protos/: run 'make protos' and commit" >&2
  exit 1
fi
