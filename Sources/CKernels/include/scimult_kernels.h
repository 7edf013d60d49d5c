// The element-wise operations of a BERT encoder, in fp32.
//
// Contract: matrices are row-major; `stride` is the distance between rows in floats and is at least `columns`;
// pointers need only the natural alignment of float; nothing is padded, and nothing outside
// rows × columns is read or written. The scalar variants are the specification of any other.
#ifndef SCIMULT_KERNELS_H
#define SCIMULT_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// x[r][c] += bias[c]
void scimult_add_bias__scalar(size_t rows, size_t columns, float *x, size_t stride, const float *bias);

// x[r][c] = gelu(x[r][c] + bias[c]), gelu(v) = v / 2 · (1 + erf(v / √2)); the error is below 2 ulp of max(|v|, 1).
void scimult_bias_gelu__scalar(size_t rows, size_t columns, float *x, size_t stride, const float *bias);

// x[r] = (x[r] − mean) / √(variance + epsilon) · gamma + beta, mean and variance over the row.
void scimult_layer_norm__scalar(size_t rows, size_t columns, float *x, size_t stride, const float *gamma,
                                const float *beta, float epsilon);

// x[r][c] += bias[c] + residual[r][c]; both matrices have the same stride.
void scimult_add_bias_residual__scalar(size_t rows, size_t columns, float *x, size_t stride, const float *bias,
                                       const float *residual);

// x[r] = softmax(scale · x[r]); columns ≥ 1; finite input gives finite output that sums to 1.
void scimult_softmax__scalar(size_t rows, size_t columns, float *x, size_t stride, float scale);

// Reports whether every one of the count values is finite.
int scimult_all_finite__scalar(size_t count, const float *x);

// Σ a[i] · b[i], summed in eight interleaved partial sums: the order depends on the count alone.
float scimult_dot__scalar(size_t count, const float *a, const float *b);

#endif
