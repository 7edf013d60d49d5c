// The operations of a BERT encoder, in fp32.
//
// Matrices are row-major; `stride` is the distance between rows in floats and is at least `columns`. Pointers need only
// the natural alignment of float. Nothing is padded, and nothing outside rows × columns is read or written. The scalar
// set is the specification; other sets may differ from it only by the rounding of fused multiply-adds.
#ifndef SCIMULT_KERNELS_H
#define SCIMULT_KERNELS_H

#include <stddef.h>

// One implementation of every operation.
typedef struct {
  // The number of floats that pack() writes for a linear layer.
  size_t (*packed_count)(size_t outputs, size_t inputs);

  // Packs a linear layer for linear() of the same set. The weight of output o and input i is
  // weight[o · output_stride + i · input_stride]. bias has `outputs` values, or is NULL for zeros.
  void (*pack)(size_t outputs, size_t inputs, const float *weight, size_t output_stride, size_t input_stride,
               const float *bias, float *packed);

  // y[r][o] = bias[o] + Σ x[r][i] · weight[o][i], summed in the order of i, starting with the bias. x and y do not
  // overlap.
  void (*linear)(size_t rows, size_t outputs, size_t inputs, const float *x, size_t x_stride, const float *packed,
                 float *y, size_t y_stride);

  // x[r][c] += residual[r][c]; both matrices have the same stride.
  void (*add_residual)(size_t rows, size_t columns, float *x, size_t stride, const float *residual);

  // x[r][c] = gelu(x[r][c]), gelu(v) = v / 2 · (1 + erf(v / √2)); the error is below 2 ulp of max(|v|, 1).
  void (*gelu)(size_t rows, size_t columns, float *x, size_t stride);

  // x[r][c] = v / 2 · (1 + tanh(√(2/π) · (v + 0.044715 v³))), v = x[r][c]; the error is below 4 ulp of max(|v|, 1).
  void (*gelu_tanh)(size_t rows, size_t columns, float *x, size_t stride);

  // x[r][c] = max(x[r][c], 0).
  void (*relu)(size_t rows, size_t columns, float *x, size_t stride);

  // x[r] = (x[r] − mean) / √(variance + epsilon) · gamma + beta, mean and variance over the row.
  void (*layer_norm)(size_t rows, size_t columns, float *x, size_t stride, const float *gamma, const float *beta,
                     float epsilon);

  // x[r] = softmax(scale · x[r]); columns ≥ 1; finite input gives finite output that sums to 1.
  void (*softmax)(size_t rows, size_t columns, float *x, size_t stride, float scale);

  // Whether all `count` values are finite.
  int (*all_finite)(size_t count, const float *x);

  // Σ a[i] · b[i] in 16 interleaved partial sums. The order of summation depends only on `count`.
  float (*dot)(size_t count, const float *a, const float *b);

  // Computes the products of a tile `repetitions` times, with operands in registers and in the first-level cache.
  // Returns the number of multiplications.
  size_t (*exercise)(size_t repetitions);
} scimult_kernels;

// The sets of kernels, each named after its instruction set. Within an architecture, later sets are better.
typedef enum {
  SCIMULT_ISA_SCALAR,
  SCIMULT_ISA_AVX2,
  SCIMULT_ISA_AVXVNNI,
  SCIMULT_ISA_AVX512VNNI,
  SCIMULT_ISA_AMX,
  SCIMULT_ISA_NEON,
  SCIMULT_ISA_NEONDOT,
  SCIMULT_ISA_I8MM,
} scimult_isa;

// The kernels for an instruction set; NULL if this CPU or this build does not support it.
const scimult_kernels *scimult_kernels_for(scimult_isa isa);

#endif
