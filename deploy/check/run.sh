#!/usr/bin/env bash
# Tests the files of deploy/ with a server that is built as in docs/deploy.md, or with the binary that SCIMULT_BIN
# names.
#
#   deploy/check/run.sh [PYTEST-OPTIONS]
set -euo pipefail
cd "$(dirname "$0")/../.."

deploy/check/setup.sh
if [[ -z ${SCIMULT_BIN:-} ]]; then
  # Before the build, because both link the same file.
  make dist
  swift build -c release --static-swift-stdlib --scratch-path .build-static --product scimult
  export SCIMULT_BIN=.build-static/release/scimult
fi
# The harness of the end-to-end tests does not pass strict checks.
MYPYPATH=Tests/EndToEnd:deploy/check .venv-deploy/bin/mypy --strict --follow-imports=silent deploy/check/*.py
.venv-deploy/bin/python -m pytest deploy/check "$@"
