#!/usr/bin/env bash
# Runs tests under ThreadSanitizer and AddressSanitizer, each with a separate build folder: all Swift tests, and
# end-to-end tests. ThreadSanitizer runs only the end-to-end tests with concurrency in the server; AddressSanitizer runs
# all. A sanitizer report ends the process with an exit code that no test expects.
#
#   scripts/sanitize.sh [thread] [address]      (both if none is named)
set -euo pipefail
cd "$(dirname "$0")/.."

python=.venv/bin/python
flags=(-c release -Xswiftc -enable-testing)
at_once=(
  test_abuse test_cache test_compression test_concurrent_clients test_connection_times test_deadlines
  test_encode_documents test_health test_invalid_requests test_many_cancels test_message_limits test_overload
  test_rank_requests test_reflection test_request_log test_service_manager test_shutdown test_shutdown_under_load
  test_streams test_tls test_tokens test_traces test_unpacking_bombs
)
at_once=("${at_once[@]/#/Tests/EndToEnd/}")

say() { printf 'sanitize: %s\n' "$*"; }

# Makes all locking of Swift's Mutex visible to ThreadSanitizer.
show_locking() {
  clang -O1 -shared -fPIC -o "$1/mutex_edges.so" Tests/Sanitizers/mutex_edges.c
  export LD_PRELOAD=$PWD/$1/mutex_edges.so
  export TSAN_OPTIONS=suppressions=$PWD/Tests/Sanitizers/thread.supp
}

run() {
  local sanitizer=$1 folder=$2
  shift 2
  say "building for $sanitizer in $folder"
  swift build "${flags[@]}" --sanitize "$sanitizer" --scratch-path "$folder" --build-tests
  if [[ $sanitizer == thread ]]; then show_locking "$folder"; fi
  # Not in parallel: tests are slow under a sanitizer, and some have timeouts of half a minute.
  say "Swift tests under $sanitizer"
  SCIMULT_MINILM="$("$python" scripts/minilm_folder.py)" \
    swift test "${flags[@]}" --sanitize "$sanitizer" --scratch-path "$folder" --skip-build --no-parallel
  say "end-to-end tests under $sanitizer"
  SCIMULT_BIN="$folder/release/scimult" "$python" -m pytest -m "not measures_memory and not preloads" "$@"
}

# XCTest's own main function leaks. AddressSanitizer's default exit code is 1, which is also scimult's for expected
# errors.
export ASAN_OPTIONS=detect_leaks=0:exitcode=66

sanitizers=("$@")
[[ ${#sanitizers[@]} -gt 0 ]] || sanitizers=(thread address)
for sanitizer in "${sanitizers[@]}"; do
  case $sanitizer in
    thread) (run thread .build-tsan "${at_once[@]/%/.py}") ;;
    address) (run address .build-asan Tests/EndToEnd) ;;
    *)
      printf 'sanitize: %s is no sanitizer; known are thread and address\n' "$sanitizer" >&2
      exit 2
      ;;
  esac
done
