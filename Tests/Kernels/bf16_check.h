#ifndef BF16_CHECK_H
#define BF16_CHECK_H

#include "scimult_bf16.h"

// Compares a set of bf16 kernels with sums in double precision of rounded numbers.
void check_bf16(const char *set, const scimult_bf16_kernels *kernels);

#endif
