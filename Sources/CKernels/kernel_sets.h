// The sets from which dispatch.c chooses.
#ifndef KERNEL_SETS_H
#define KERNEL_SETS_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scimult_bf16.h"
#include "scimult_int8.h"
#include "scimult_kernels.h"

extern const scimult_kernels scimult_kernels__scalar;
extern const scimult_kernels scimult_kernels__avx2;
extern const scimult_kernels scimult_kernels__avx512vnni;
extern const scimult_kernels scimult_kernels__neon;

extern const scimult_int8_kernels scimult_int8_kernels__scalar;
extern const scimult_int8_kernels scimult_int8_kernels__avx2;
extern const scimult_int8_kernels scimult_int8_kernels__avxvnni;
extern const scimult_int8_kernels scimult_int8_kernels__avx512vnni;
extern const scimult_int8_kernels scimult_int8_kernels__amx;
extern const scimult_int8_kernels scimult_int8_kernels__neon;
extern const scimult_int8_kernels scimult_int8_kernels__neondot;
extern const scimult_int8_kernels scimult_int8_kernels__i8mm;

extern const scimult_bf16_kernels scimult_bf16_kernels__avx512vnni;
extern const scimult_bf16_kernels scimult_bf16_kernels__amx;

#endif
