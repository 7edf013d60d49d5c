#!/usr/bin/env bash
# Lists the C files that people write; what protoc-c generates keeps its own style.
set -euo pipefail
cd "$(dirname "$0")/.."

find Sources Tests Benchmarks -name '*.[ch]' ! -name '*.pb-c.[ch]' ! -name descriptors.c | sort
