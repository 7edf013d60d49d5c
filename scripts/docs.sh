#!/usr/bin/env bash
# Makes DocC pages of the declarations that the Swift modules share: static files in .build/docs, for any web server.
# A module's abstract is its row in the table of docs/architecture.md.
# shellcheck disable=SC2016 # Backquotes are Markdown's.
set -euo pipefail
cd "$(dirname "$0")/.."

flags=(-c release -Xswiftc -enable-testing -debug-info-format none)
work=.build/documentation
site=.build/docs

# Lists the Swift modules of the table that other modules import: name, tab, purpose.
modules() {
  sed -nE 's/^\| `([A-Z][a-z][A-Za-z0-9]*|GRPC|HTTP2)` \| ([^|]+) \|.*/\1\t\2/p' docs/architecture.md
}

# Makes the archive of one module.
document() {
  local module=$1 abstract=$2
  local graphs=$work/$module catalog=$work/$module.docc
  mkdir -p "$graphs" "$catalog"
  cp "$extracted/$module".symbols.json "$graphs"
  printf '# ``%s``\n\n%s.\n' "$module" "${abstract^}" >"$catalog/$module.md"
  docc convert "$catalog" --additional-symbol-graph-dir "$graphs" --output-path "$work/$module.doccarchive" \
    --fallback-bundle-identifier "scimult.$module" >"$work/$module.log" 2>&1
  # A parameter with a clear name needs no description. Every link must have a target.
  if grep -A 1 -E '^(warning|error)' "$work/$module.log" | grep -v "is missing documentation" | grep -A 1 -E '^(warning|error)'; then
    exit 1
  fi
}

rm -rf "$work" "$site"
swift package "${flags[@]}" dump-symbol-graph --skip-synthesized-members >/dev/null
extracted=$(dirname "$(swift build "${flags[@]}" --show-bin-path)")/symbolgraph

archives=()
while IFS=$'\t' read -r module abstract; do
  document "$module" "$abstract"
  archives+=("$work/$module.doccarchive")
done < <(modules)

docc merge "${archives[@]}" --output-path "$site" --synthesized-landing-page-name "SciMult Serve"
echo "docs: ${#archives[@]} modules; to read them: python3 -m http.server --directory $site, then /documentation"
