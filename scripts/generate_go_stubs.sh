#!/usr/bin/env bash
# Generates the Go client's messages and stubs from Protos/ into FOLDER, as a separate package.
# Usage: scripts/generate_go_stubs.sh [FOLDER]    (default: clients/go/scimultpb)
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-clients/go/scimultpb}
package=$(awk '$1 == "module" { print $2 }' clients/go/go.mod)/scimultpb
options=module=$package,Mscimult/v1/scimult.proto=$package

mkdir -p "$folder"
protoc --proto_path=Protos --go_out="$folder" --go_opt="$options" --go-grpc_out="$folder" --go-grpc_opt="$options" \
  scimult/v1/scimult.proto
