// The operations of a BERT encoder with matrix products in bf16.
//
// The operands of products, weights and activations, are rounded to the nearest bf16, ties to even. Products are summed
// in fp32, and all other arithmetic is fp32. Products are added in pairs, in the instruction's order, and numbers below
// 2^-126 may count as zero. A row's result does not depend on the rows around it.
//
// Matrices are row-major; strides count elements. A row of bf16 is padded with a zero to an even number of values:
// every operation that writes rows writes this padding, and every product reads it. Packed weights, blocks and
// workspaces are aligned to 64 bytes; other pointers need the natural alignment of their elements. Inputs and outputs
// do not overlap.
#ifndef SCIMULT_BF16_H
#define SCIMULT_BF16_H

#include <stddef.h>
#include <stdint.h>

#include "scimult_heads.h"
#include "scimult_kernels.h"

// One implementation of every operation. A bf16 value is passed as its bits.
typedef struct {
  // The number of bytes that pack() writes for a linear layer.
  size_t (*packed_size)(size_t outputs, size_t inputs);

  // Rounds a linear layer and packs it for linear() of every set. weight is outputs × inputs; bias has `outputs` values
  // and stays fp32.
  void (*pack)(size_t outputs, size_t inputs, const float *weight, const float *bias, void *packed);

  // q = bf16(x).
  void (*round)(size_t rows, size_t columns, const float *x, size_t x_stride, uint16_t *q, size_t q_stride);

  // x[r] = (x[r] − mean) / √(variance + epsilon) · gamma + beta, and q = bf16(x).
  void (*normalize)(size_t rows, size_t columns, float *x, size_t x_stride, const float *gamma, const float *beta,
                    float epsilon, uint16_t *q, size_t q_stride);

  // y = x · wᵀ + bias.
  void (*linear)(size_t rows, size_t outputs, size_t inputs, const uint16_t *x, size_t x_stride, const void *packed,
                 float *y, size_t y_stride);

  // y = x · wᵀ + bias + y.
  void (*linear_add)(size_t rows, size_t outputs, size_t inputs, const uint16_t *x, size_t x_stride, const void *packed,
                     float *y, size_t y_stride);

  // q = bf16(x · wᵀ + bias).
  void (*linear_rounded)(size_t rows, size_t outputs, size_t inputs, const uint16_t *x, size_t x_stride,
                         const void *packed, uint16_t *q, size_t q_stride);

  // q = bf16(gelu(x · wᵀ + bias)); the error of gelu is at most 2e-4 · max(|v|, 1).
  void (*linear_gelu)(size_t rows, size_t outputs, size_t inputs, const uint16_t *x, size_t x_stride,
                      const void *packed, uint16_t *q, size_t q_stride);

  // The number of bytes for one sequence's keys and values, all heads; a multiple of 64.
  size_t (*heads_size)(scimult_heads heads);

  // The number of bytes for one row of queries, all heads; a multiple of 4.
  size_t (*query_size)(scimult_heads heads);

  // Rearranges rows `first` … `first + rows` of one sequence's projections for attend(). `qkv` contains only these
  // rows: query, key and value side by side, heads · head_size values each. `first` is a multiple of 16. `rows` is a
  // multiple of 16 too, unless these rows end the sequence. Each row of `queries` takes query_size() bytes.
  void (*split_heads)(scimult_heads heads, size_t first, size_t rows, const uint16_t *qkv, size_t qkv_stride,
                      uint16_t *queries, uint8_t *blocks);

  // context[r] = bf16(softmax(query[r] · keysᵀ / √head_size) · values), for each head separately, for some rows of one
  // sequence. The sequence's blocks must be complete. `workspace` has room for workspace_size() bytes.
  void (*attend)(scimult_heads heads, size_t rows, const uint16_t *queries, const uint8_t *blocks, uint16_t *context,
                 size_t context_stride, void *workspace);

  size_t (*workspace_size)(scimult_heads heads);

  // Computes the products of a tile `repetitions` times, with operands in registers and in the first-level cache.
  // Returns the number of multiplications.
  size_t (*exercise)(size_t repetitions);
} scimult_bf16_kernels;

// The bf16 kernels for an instruction set; NULL if the set has none, or if this CPU or this build does not support it.
const scimult_bf16_kernels *scimult_bf16_kernels_for(scimult_isa isa);

#endif
