#!/usr/bin/env bash
# Checks what is in deploy/, on the server as docs/deploy.md builds it, or on the binary that SCIMULT_BIN names.
#
#   deploy/check/run.sh [PYTEST-OPTIONS]
set -euo pipefail
cd "$(dirname "$0")/../.."

deploy/check/setup.sh
if [[ -z ${SCIMULT_BIN:-} ]]; then
  # First, as both links the same file.
  make dist
  swift build -c release --static-swift-stdlib --scratch-path .build-static --product scimult
  export SCIMULT_BIN=.build-static/release/scimult
fi
# The harness of the end-to-end tests is not strict.
MYPYPATH=Tests/EndToEnd:deploy/check .venv-deploy/bin/mypy --strict --follow-imports=silent deploy/check/*.py
.venv-deploy/bin/python -m pytest deploy/check "$@"
