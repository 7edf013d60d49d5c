// The sets that dispatch.c chooses from.
#ifndef KERNEL_SETS_H
#define KERNEL_SETS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "scimult_kernels.h"

extern const scimult_kernels scimult_kernels__scalar;
extern const scimult_kernels scimult_kernels__avx2;
extern const scimult_kernels scimult_kernels__avx512vnni;

#endif
