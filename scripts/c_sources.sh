#!/usr/bin/env bash
# Lists the hand-written C files. Files that protoc-c generates keep its own style.
set -euo pipefail
cd "$(dirname "$0")/.."

find Sources Tests Benchmarks -name '*.[ch]' ! -name '*.pb-c.[ch]' ! -name descriptors.c | sort
