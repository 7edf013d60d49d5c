#!/usr/bin/env bash
# Tests the kernels for other CPUs than this one: AVX-VNNI in AVX-512's encoding, AVX-512 BF16 and AMX with emulated
# instructions, and NEON under an emulator.
# Installs nothing. If a test cannot run here, the script prints one line and skips it.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

skip() { echo "kernels_check: skipped $1: $2"; }

# Compiles the kernels of a folder, and their tests: build FOLDER PROGRAM FLAG…
build() {
  local sources=$1 program=$2
  shift 2
  local source objects=()
  for source in "$sources"/*.c Tests/Kernels/*.c; do
    objects+=("$program-$(basename "$source" .c).o")
    clang "$@" -O2 -I"$sources" -I"$sources/include" -c "$source" -o "${objects[-1]}"
  done
  clang "$@" -fuse-ld=lld -static "${objects[@]}" -lm -o "$program"
}

# The same instructions have two encodings, so AVX-VNNI is compiled for AVX-512's. The program assumes that the CPU has
# all features.
check_x86() {
  if ! grep -q avx512_vnni /proc/cpuinfo 2>/dev/null; then
    skip "AVX-VNNI, AVX-512 BF16 and AMX" "this CPU has no AVX-512 VNNI"
    return
  fi
  cp -r Sources/CKernels "$folder/sources"
  sed -i 's/avx2,avxvnni/avx2,avx512vl,avx512vnni/; s/_mm256_dpbusd_avx_epi32/_mm256_dpbusd_epi32/' \
    "$folder/sources/int8__avxvnni.c"
  cp Tests/Kernels/emulated_{bf16,tiles}.h "$folder/sources"
  sed -i 's/,avx512bf16//; s/#define LANES/#include "emulated_bf16.h"\n&/' "$folder"/sources/bf16__*.c
  sed -i 's/,amx-tile,amx-\(int8\|bf16\)//; s/#define LANES/#include "emulated_tiles.h"\n&/' "$folder"/sources/*__amx.c
  sed -i 's/syscall(SYS_arch_prctl, request_permission, tile_data) == 0/1/' "$folder/sources/dispatch.c"
  build "$folder/sources" "$folder/x86" '-D__builtin_cpu_supports(name)=1'
  "$folder/x86" scalar avx2 avxvnni avx512vnni amx
}

check_neon() {
  local emulator
  emulator=$(command -v qemu-aarch64 || command -v qemu-aarch64-static) || {
    skip NEON "there is no qemu-aarch64 (Debian: qemu-user)"
    return
  }
  echo 'int main(void) { return 0; }' >"$folder/empty.c"
  clang --target=aarch64-linux-gnu -fuse-ld=lld -static "$folder/empty.c" -o "$folder/empty" 2>/dev/null || {
    skip NEON "clang finds no C library for it (Debian: gcc-aarch64-linux-gnu libc6-dev-arm64-cross)"
    return
  }
  build Sources/CKernels "$folder/neon" --target=aarch64-linux-gnu
  "$emulator" -cpu cortex-a72 "$folder/neon" scalar neon
  "$emulator" -cpu cortex-a76 "$folder/neon" scalar neon neondot
  "$emulator" -cpu max "$folder/neon" scalar neon neondot i8mm
}

if command -v clang >/dev/null; then
  check_x86
  check_neon
else
  skip "AVX-VNNI, AVX-512 BF16, AMX and NEON" "there is no clang"
fi
