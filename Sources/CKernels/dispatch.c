#include "kernel_sets.h"

const scimult_kernels *scimult_kernels_for(scimult_isa isa) {
  switch (isa) {
  case SCIMULT_ISA_SCALAR:
    return &scimult_kernels__scalar;
#if defined(__x86_64__)
  case SCIMULT_ISA_AVX2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &scimult_kernels__avx2 : NULL;
  case SCIMULT_ISA_AVX512VNNI:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512vnni")
               ? &scimult_kernels__avx512vnni
               : NULL;
#endif
  default:
    return NULL;
  }
}
