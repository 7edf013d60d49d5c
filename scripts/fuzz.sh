#!/usr/bin/env bash
# Fuzzes every reader of untrusted bytes with libFuzzer under AddressSanitizer: each target of Fuzz/Targets in turn,
# starting from the seeds of Fuzz/corpus and the inputs that earlier runs found in .build-fuzz.
#
#   scripts/fuzz.sh [target…]      (all if none is named)
#
# MINUTES (default: 10) is divided among the targets.
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=${MINUTES:-10}
build=.build-fuzz
found=$build/found
fuzzer=$build/release/fuzz

say() { printf 'fuzz: %s\n' "$*"; }

# Only Swift code is instrumented for coverage. The C libraries are the system's, as in production.
build_fuzzer() {
  local runtime
  runtime=$(find "$(clang -print-resource-dir)/lib" -path "*$(uname -m)*" -name 'libclang_rt.fuzzer_no_main*.a')
  say "building in $build"
  SCIMULT_FUZZ=1 swift build -c release -Xswiftc -enable-testing --scratch-path "$build" --product fuzz \
    --sanitize address -Xswiftc -sanitize-coverage=edge,trace-cmp,inline-8bit-counters,pc-table \
    -Xlinker "$runtime" -Xlinker -lstdc++
}

# Runs one target for a number of seconds, and prints the result.
fuzz() {
  local target=$1 seconds=$2 log=$found/$1.log
  mkdir -p "$found/$target" "Fuzz/regressions/$target"
  local ended=0
  FUZZ_TARGET=$target "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 \
    -print_final_stats=1 -artifact_prefix="$found/$target." "$found/$target" "Fuzz/corpus/$target" \
    "Fuzz/regressions/$target" >"$log" 2>&1 || ended=$?
  rmdir --ignore-fail-on-non-empty "Fuzz/regressions/$target"
  say "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") executions in $seconds s," \
    "$(grep -o 'cov: [0-9]*' "$log" | tail -1)"
  if [[ $ended -ne 0 ]]; then
    say "$target: FAILED; the report is in $log. Again with:"
    say "  ASAN_OPTIONS=$ASAN_OPTIONS FUZZ_TARGET=$target $fuzzer" \
      "$(sed -n 's/.*Test unit written to //p' "$log" | tail -1)"
    return 1
  fi
}

# libFuzzer reports failures; the Swift runtime's own report would only take time.
export SWIFT_BACKTRACE=enable=no
export ASAN_OPTIONS=detect_leaks=0:symbolize=0

build_fuzzer
mapfile -t targets < <("$fuzzer")
[[ $# -eq 0 ]] || targets=("$@")
seconds=$((minutes * 60 / ${#targets[@]}))
failed=0
for target in "${targets[@]}"; do fuzz "$target" "$seconds" || failed=1; done
exit "$failed"
