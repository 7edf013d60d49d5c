#!/usr/bin/env bash
# Runs the tests of the guarantees in docs/reliability.md, with their counts: those whose module or test FAULTS names,
# or all except the soak test. Passes arguments to pytest, e.g. --update-docs.
#
#   scripts/fault.sh [argument ...]             FAULTS=test_cancels scripts/fault.sh
set -euo pipefail
cd "$(dirname "$0")/.."

# Enough for all connections that the tests open, in addition to other open files.
ulimit -n 8192 2>/dev/null || true

exec .venv/bin/python -m pytest Tests/Faults -v -k "${FAULTS:-test}" "$@"
