#!/usr/bin/env bash
# Runs Go in a copy of a module, with Debian's Go sources of its imports. Needs what scripts/setup.sh installs, and no
# network.
# Usage: scripts/go_offline.sh MODULE ARGUMENT…    e.g. scripts/go_offline.sh clients/go test ./...
#
# The copy is .build/go/MODULE. The first run compiles grpc-go.
set -euo pipefail
cd "$(dirname "$0")/.."

module=$1
shift
go=$PWD/.venv/bin/go
copy=$PWD/.build/go/$module

# The client, and Debian's grpc-go with its imports. They are vendored even if a module does not name them.
client=github.com/scimult/scimult-serve/clients/go
declare -A versions=(
  [$client]=v0.0.0
  [github.com/golang/protobuf]=v1.5.2
  [golang.org/x/net]=v0.7.0
  [golang.org/x/sys]=v0.3.0
  [golang.org/x/text]=v0.7.0
  [google.golang.org/genproto]=v0.0.0-20200413115906-b5235f65be36
  [google.golang.org/grpc]=v1.33.3
  [google.golang.org/protobuf]=v1.28.1
)

source_of() { if [[ $1 == "$client" ]]; then echo "$PWD/clients/go"; else echo "/usr/share/gocode/src/$1"; fi; }

rm -rf "$copy"
mkdir -p "$copy/vendor"
cp -R "$module/." "$copy"

# The same layout as that of `go mod vendor`.
for path in "${!versions[@]}"; do
  if [[ $path == "$(awk '$1 == "module" { print $2 }' "$module/go.mod")" ]]; then continue; fi
  mkdir -p "$copy/vendor/${path%/*}"
  ln -s "$(source_of "$path")" "$copy/vendor/$path"
  printf '# %s %s\n' "$path" "${versions[$path]}"
  if grep -q "^	$path " "$module/go.mod"; then echo '## explicit; go 1.22'; fi
done >"$copy/vendor/modules.txt"

cd "$copy"
GOCACHE=${copy%/"$module"}/cache GOFLAGS=-mod=vendor GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=0 exec "$go" "$@"
