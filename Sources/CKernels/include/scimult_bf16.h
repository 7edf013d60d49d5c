// A linear layer in bf16: weights and inputs are rounded to the nearest bf16, ties to even; products are summed in
// fp32.
//
// Contract: that of scimult_kernels.h. A row's result does not depend on the rows around it. Products are added in
// pairs, in the instruction's order, and numbers below 2^-126 may count as zero.
#ifndef SCIMULT_BF16_H
#define SCIMULT_BF16_H

#include <stddef.h>

#include "scimult_kernels.h"

// One implementation of every operation.
typedef struct {
  // Bytes that pack() writes for a linear layer.
  size_t (*packed_size)(size_t outputs, size_t inputs);

  // Rounds a linear layer and lays it out for linear() of the same set: weight is outputs × inputs, bias has outputs
  // values and stays fp32. packed is aligned to 64 bytes.
  void (*pack)(size_t outputs, size_t inputs, const float *weight, const float *bias, void *packed);

  // y[r][o] = bias[o] + Σ bf16(x[r][i]) · bf16(weight[o][i]), summed from the bias on. x and y do not overlap.
  void (*linear)(size_t rows, size_t outputs, size_t inputs, const float *x, size_t x_stride, const void *packed,
                 float *y, size_t y_stride);
} scimult_bf16_kernels;

// The bf16 kernels for an instruction set; NULL where it has none, and where this CPU, or this build, lacks it.
const scimult_bf16_kernels *scimult_bf16_kernels_for(scimult_isa isa);

#endif
