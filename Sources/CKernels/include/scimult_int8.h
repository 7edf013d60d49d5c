// The operations of a BERT encoder with int8 matrix products.
//
// Activations are u8, asymmetric, quantised by row as they arise: x = offset + scale · q, q in 0 … 255. Weights are s8,
// symmetric, by output channel: w = scale · q, q in −127 … 127; of two neighbours of one sign, few have more than 128
// together, and keys and values none, for the sets that add their products in 16 bits. A product is summed exactly in
// s32 and then scaled:
//
//   Σ x·w = scale_w · (scale_x · Σ q_x·q_w + offset_x · Σ q_w)
//
// so that a sum is the same on every instruction set, and float arithmetic around it differs by rounding alone.
// Matrices are row-major; strides count elements and are at least `columns`. Rows of u8 that a product reads must be
// readable up to the next multiple of 4 columns (what stands there does not matter: its weights are zero). Packed
// weights and head blocks are aligned to 64 bytes; other pointers need the natural alignment of their elements.
#ifndef SCIMULT_INT8_H
#define SCIMULT_INT8_H

#include <stddef.h>
#include <stdint.h>

#include "scimult_heads.h"
#include "scimult_kernels.h"

// What one row of u8 stands for: x = offset + scale · q.
typedef struct {
  float scale;
  float offset;
} scimult_row_scale;

// One implementation of every operation.
typedef struct {
  // scales, q = x, symmetric by row: x = scale · q, q in −127 … 127.
  void (*quantize_weights)(size_t rows, size_t columns, const float *x, float *scales, int8_t *q);

  // x[r] = scales[t] · words[t] + positions[r], t = tokens[r]; words and positions have `columns` columns.
  void (*embed)(size_t rows, size_t columns, const int32_t *tokens, const int8_t *words, const float *scales,
                const float *positions, float *x, size_t x_stride);

  // q, scales = x, each row by its least and its largest value (or zero, whichever lies further out).
  void (*quantize)(size_t rows, size_t columns, const float *x, size_t x_stride, uint8_t *q, size_t q_stride,
                   scimult_row_scale *scales);

  // rest = x − what q stands for.
  void (*subtract_quantized)(size_t rows, size_t columns, const float *x, size_t x_stride, const uint8_t *q,
                             size_t q_stride, const scimult_row_scale *scales, float *rest, size_t rest_stride);

  // x[r] = (x[r] − mean) / √(variance + epsilon) · gamma + beta, and its quantised form.
  void (*normalize)(size_t rows, size_t columns, float *x, size_t x_stride, const float *gamma, const float *beta,
                    float epsilon, uint8_t *q, size_t q_stride, scimult_row_scale *scales);

  // Bytes that pack() writes for a linear layer.
  size_t (*packed_size)(size_t outputs, size_t inputs);

  // The scale of each output's weights: the largest magnitude to 127, or to so much less that for all but a few pairs
  // of inputs, 2i and 2i + 1, |q_2i + q_2i+1| ≤ 128.
  void (*weight_scales)(size_t outputs, size_t inputs, const float *weight, float *scales);

  // Quantises a linear layer and lays it out for linear() of the same set: weight is outputs × inputs, scales and bias
  // have outputs values. Returns 0 where more pairs are beyond 128 than weight_scales() leaves and the set cannot
  // multiply them.
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

  // y = gelu(x · wᵀ + bias), within 2e-4 · max(|v|, 1).
  void (*linear_gelu)(size_t rows, size_t outputs, size_t inputs, const uint8_t *x, size_t x_stride,
                      const scimult_row_scale *scales, const void *packed, float *y, size_t y_stride);

  // Bytes of one sequence's keys and values, all heads; a multiple of 64.
  size_t (*heads_size)(scimult_heads heads);

  // Bytes of one row of quantised queries, all heads; a multiple of 4.
  size_t (*query_size)(scimult_heads heads);

  // Quantises rows `first` … `first + rows` of one sequence's projections for attend(). `qkv` holds these rows only:
  // query, key and value side by side, heads · head_size values each. `first` is a multiple of 16, and so is `rows`
  // unless the sequence ends there. Each row of `queries` takes query_size() bytes, of `query_scales` one value.
  void (*split_heads)(scimult_heads heads, size_t first, size_t rows, const float *qkv, size_t qkv_stride,
                      uint8_t *queries, float *query_scales, uint8_t *blocks);

  // context[r] = softmax(query[r] · keysᵀ / √head_size) · values, each head by itself, for some heads and rows of one
  // sequence whose blocks are complete. `workspace` has room for workspace_size() bytes.
  void (*attend)(scimult_heads heads, size_t first_head, size_t head_count, size_t rows, const uint8_t *queries,
                 const float *query_scales, const uint8_t *blocks, float *context, size_t context_stride,
                 void *workspace);

  size_t (*workspace_size)(scimult_heads heads);

  // Makes the products of a tile `repetitions` times, without memory; returns the number of multiplications.
  size_t (*exercise)(size_t repetitions);
} scimult_int8_kernels;

// The int8 kernels for an instruction set; NULL where this CPU, or this build, lacks it.
const scimult_int8_kernels *scimult_int8_kernels_for(scimult_isa isa);

#endif
