#!/usr/bin/env bash
# Builds the Go client of the end-to-end tests from Debian's Go sources: needs what scripts/setup.sh installs, no network.
# Usage: scripts/build_go_client.sh    (makes .build/go-client/go-client; the first time it compiles grpc-go)
set -euo pipefail
cd "$(dirname "$0")/.."

client=Tests/EndToEnd/go-client
sources=/usr/share/gocode/src
go=$PWD/.venv/bin/go
build=$PWD/.build/go-client
module=$build/module

rm -rf "$module"
mkdir -p "$module/vendor"
cp "$client"/go.mod "$client"/*.go "$module"

name=$(awk '$1 == "module" { print $2 }' "$client/go.mod")
options=module=$name,Mscimult/v1/scimult.proto=$name/scimult
protoc --proto_path=Protos --go_out="$module" --go_opt="$options" \
  --go-grpc_out="$module" --go-grpc_opt="$options" scimult/v1/scimult.proto

# What go.mod requires, as `go mod vendor` would lay it out.
awk '$2 ~ /^v[0-9]/ { print $1, $2 }' "$client/go.mod" | while read -r path version; do
  mkdir -p "$module/vendor/${path%/*}"
  ln -s "$sources/$path" "$module/vendor/$path"
  printf '# %s %s\n## explicit; go 1.19\n' "$path" "$version"
done >"$module/vendor/modules.txt"

cd "$module"
GOCACHE=$build/cache GOFLAGS=-mod=vendor GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=0 "$go" build -o "$build/go-client" .
