// The operations of a BERT encoder with int8 matrix products.
//
// Activations are u8, asymmetric, quantised by row at run time: x = offset + scale · q, q in 0 … 255. Weights are s8,
// symmetric, quantised by output channel: w = scale · q, q in −127 … 127. Only few pairs of neighbouring weights of the
// same sign have |q| + |q'| > 128, and no pairs of keys or values do; the sets that add two products in 16 bits need
// this. Products are summed exactly in s32, and the sum is then scaled:
//
//   Σ x·w = scale_w · (scale_x · Σ q_x·q_w + offset_x · Σ q_w)
//
// A sum is therefore the same on every instruction set; the float arithmetic around it differs only by rounding.
//
// Matrices are row-major; strides count elements and are at least `columns`. Rows of u8 that a product reads must be
// readable up to the next multiple of 4 columns; the values there do not matter, because their weights are zero. Packed
// weights and head blocks are aligned to 64 bytes; other pointers need the natural alignment of their elements.
#ifndef SCIMULT_INT8_H
#define SCIMULT_INT8_H

#include <stddef.h>
#include <stdint.h>

#include "scimult_heads.h"
#include "scimult_kernels.h"

// The quantisation of one row of u8: x = offset + scale · q.
typedef struct {
  float scale;
  float offset;
} scimult_row_scale;

// One implementation of every operation.
typedef struct {
  // Quantises x into q and scales, symmetric by row: x = scale · q, q in −127 … 127.
  void (*quantize_weights)(size_t rows, size_t columns, const float *x, float *scales, int8_t *q);

  // x[r] = scales[t] · words[t] + positions[r], t = tokens[r]; words and positions have `columns` columns.
  void (*embed)(size_t rows, size_t columns, const int32_t *tokens, const int8_t *words, const float *scales,
                const float *positions, float *x, size_t x_stride);

  // Quantises x into q and scales. The range of each row runs from its smallest to its largest value, and includes
  // zero.
  void (*quantize)(size_t rows, size_t columns, const float *x, size_t x_stride, uint8_t *q, size_t q_stride,
                   scimult_row_scale *scales);

  // rest = x − (offset + scale · q): the quantisation error.
  void (*subtract_quantized)(size_t rows, size_t columns, const float *x, size_t x_stride, const uint8_t *q,
                             size_t q_stride, const scimult_row_scale *scales, float *rest, size_t rest_stride);

  // x[r] = (x[r] − mean) / √(variance + epsilon) · gamma + beta; also quantises x into q and scales.
  void (*normalize)(size_t rows, size_t columns, float *x, size_t x_stride, const float *gamma, const float *beta,
                    float epsilon, uint8_t *q, size_t q_stride, scimult_row_scale *scales);

  // The number of bytes that pack() writes for a linear layer.
  size_t (*packed_size)(size_t outputs, size_t inputs);

  // The scale of each output's weights. It maps the largest magnitude to 127, or to less, so that
  // |q_2i + q_2i+1| ≤ 128 for all but a few pairs of inputs 2i and 2i + 1.
  void (*weight_scales)(size_t outputs, size_t inputs, const float *weight, float *scales);

  // Quantises a linear layer and packs it for linear() of the same set. weight is outputs × inputs; scales and bias
  // have `outputs` values. Returns 0 if more pairs exceed 128 than weight_scales() allows and the set cannot multiply
  // them.
  int (*pack)(size_t outputs, size_t inputs, const float *weight, const float *scales, const float *bias, void *packed);

  // y = x · wᵀ + bias.
  void (*linear)(size_t rows, size_t outputs, size_t inputs, const uint8_t *x, size_t x_stride,
                 const scimult_row_scale *scales, const void *packed, float *y, size_t y_stride);

  // y = x · wᵀ.
  void (*linear_unbiased)(size_t rows, size_t outputs, size_t inputs, const uint8_t *x, size_t x_stride,
                          const scimult_row_scale *scales, const void *packed, float *y, size_t y_stride);

  // y = x · wᵀ + bias + y.
  void (*linear_add)(size_t rows, size_t outputs, size_t inputs, const uint8_t *x, size_t x_stride,
                     const scimult_row_scale *scales, const void *packed, float *y, size_t y_stride);

  // y = gelu(x · wᵀ + bias); the error of gelu is at most 2e-4 · max(|v|, 1).
  void (*linear_gelu)(size_t rows, size_t outputs, size_t inputs, const uint8_t *x, size_t x_stride,
                      const scimult_row_scale *scales, const void *packed, float *y, size_t y_stride);

  // The number of bytes for one sequence's keys and values, all heads; a multiple of 64.
  size_t (*heads_size)(scimult_heads heads);

  // The number of bytes for one row of quantised queries, all heads; a multiple of 4.
  size_t (*query_size)(scimult_heads heads);

  // Quantises rows `first` … `first + rows` of one sequence's projections for attend(). `qkv` contains only these rows:
  // query, key and value side by side, heads · head_size values each. `first` is a multiple of 16. `rows` is a multiple
  // of 16 too, unless these rows end the sequence. Each row takes query_size() bytes of `queries` and one value of
  // `query_scales`.
  void (*split_heads)(scimult_heads heads, size_t first, size_t rows, const float *qkv, size_t qkv_stride,
                      uint8_t *queries, float *query_scales, uint8_t *blocks);

  // context[r] = softmax(query[r] · keysᵀ / √head_size) · values, for each head separately, for some heads and rows of
  // one sequence. The sequence's blocks must be complete. `workspace` has room for workspace_size() bytes.
  void (*attend)(scimult_heads heads, size_t first_head, size_t head_count, size_t rows, const uint8_t *queries,
                 const float *query_scales, const uint8_t *blocks, float *context, size_t context_stride,
                 void *workspace);

  size_t (*workspace_size)(scimult_heads heads);

  // Computes the products of a tile `repetitions` times, with operands in registers and in the first-level cache.
  // Returns the number of multiplications.
  size_t (*exercise)(size_t repetitions);
} scimult_int8_kernels;

// The int8 kernels for an instruction set; NULL if this CPU or this build does not support it.
const scimult_int8_kernels *scimult_int8_kernels_for(scimult_isa isa);

#endif
