#!/usr/bin/env bash
# Runs the list of promises of docs/reliability.md, with its counts: those whose module or test FAULTS names, or all but
# the soak. Arguments go to pytest, e.g. --update-docs.
#
#   scripts/fault.sh [argument ...]             FAULTS=test_cancels scripts/fault.sh
set -euo pipefail
cd "$(dirname "$0")/.."

# As many connections as the tests open, beside what is open anyway.
ulimit -n 8192 2>/dev/null || true

exec .venv/bin/python -m pytest Tests/Faults -v -k "${FAULTS:-test}" "$@"
