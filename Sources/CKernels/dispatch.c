#include "kernel_sets.h"

#if defined(__aarch64__)
#include <sys/auxv.h>
#elif defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

// The kernels of an instruction set; NULL for a precision that the set does not have.
typedef struct {
  const scimult_kernels *fp32;
  const scimult_int8_kernels *int8;
  const scimult_bf16_kernels *bf16;
} kernel_set;

static const kernel_set specification = {.fp32 = &scimult_kernels__scalar, .int8 = &scimult_int8_kernels__scalar};

#if defined(__x86_64__)
// Whether the CPU has tile registers and the operating system lets this process use them. The process must request
// this permission once.
static int has_tiles(void) {
#if defined(__linux__)
  enum { request_permission = 0x1023, tile_data = 18 };
  return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-int8") &&
         syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
  return 0;
#endif
}

static kernel_set set_for(scimult_isa isa) {
  const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  if (isa == SCIMULT_ISA_AVX2 && avx2) {
    return (kernel_set){.fp32 = &scimult_kernels__avx2, .int8 = &scimult_int8_kernels__avx2};
  }
  if (isa == SCIMULT_ISA_AVXVNNI && avx2 && __builtin_cpu_supports("avxvnni")) {
    return (kernel_set){.fp32 = &scimult_kernels__avx2, .int8 = &scimult_int8_kernels__avxvnni};
  }
  if ((isa == SCIMULT_ISA_AVX512VNNI || isa == SCIMULT_ISA_AMX) && avx512 && __builtin_cpu_supports("avx512vnni")) {
    const int bf16 = __builtin_cpu_supports("avx512bf16");
    const kernel_set vectors = {.fp32 = &scimult_kernels__avx512vnni,
                                .int8 = &scimult_int8_kernels__avx512vnni,
                                .bf16 = bf16 ? &scimult_bf16_kernels__avx512vnni : NULL};
    if (isa == SCIMULT_ISA_AVX512VNNI)
      return vectors;
    return has_tiles() ? (kernel_set){.fp32 = vectors.fp32,
                                      .int8 = &scimult_int8_kernels__amx,
                                      .bf16 = bf16 && __builtin_cpu_supports("amx-bf16") ? &scimult_bf16_kernels__amx
                                                                                         : vectors.bf16}
                       : (kernel_set){0};
  }
  return isa == SCIMULT_ISA_SCALAR ? specification : (kernel_set){0};
}
#elif defined(__aarch64__)
static kernel_set set_for(scimult_isa isa) {
  if (isa == SCIMULT_ISA_NEON) {
    return (kernel_set){.fp32 = &scimult_kernels__neon, .int8 = &scimult_int8_kernels__neon};
  }
  if (isa == SCIMULT_ISA_NEONDOT && (getauxval(AT_HWCAP) & HWCAP_ASIMDDP)) {
    return (kernel_set){.fp32 = &scimult_kernels__neon, .int8 = &scimult_int8_kernels__neondot};
  }
  if (isa == SCIMULT_ISA_I8MM && (getauxval(AT_HWCAP2) & HWCAP2_I8MM)) {
    return (kernel_set){.fp32 = &scimult_kernels__neon, .int8 = &scimult_int8_kernels__i8mm};
  }
  return isa == SCIMULT_ISA_SCALAR ? specification : (kernel_set){0};
}
#else
static kernel_set set_for(scimult_isa isa) { return isa == SCIMULT_ISA_SCALAR ? specification : (kernel_set){0}; }
#endif

const scimult_kernels *scimult_kernels_for(scimult_isa isa) { return set_for(isa).fp32; }

const scimult_int8_kernels *scimult_int8_kernels_for(scimult_isa isa) { return set_for(isa).int8; }

const scimult_bf16_kernels *scimult_bf16_kernels_for(scimult_isa isa) { return set_for(isa).bf16; }
