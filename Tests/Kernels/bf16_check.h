#ifndef BF16_CHECK_H
#define BF16_CHECK_H

#include "scimult_bf16.h"

// Holds a set of bf16 kernels against sums in double of numbers that are rounded here.
void check_bf16(const char *set, const scimult_bf16_kernels *kernels);

#endif
