#include "bf16_check.h"

#include "checking.h"

// A NaN marks memory that a kernel must not read or must not change.
enum { NAN_BITS = 0x7fff };

static size_t even(size_t count) { return (count + 1) / 2 * 2; }

static float float_of(uint16_t bits) {
  const uint32_t wide = (uint32_t)bits << 16;
  float x;
  memcpy(&x, &wide, sizeof x);
  return x;
}

static uint16_t nearest_bf16(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// Whether a value is within an error before rounding, and the rounding error of 2^-8 of the value.
static int near_bf16(uint16_t bits, double right, double tolerance) {
  return fabs(float_of(bits) - right) <= tolerance + fabs(right) / 256;
}

static uint16_t *not_numbers(size_t count) {
  uint16_t *q = zeros(count * sizeof *q);
  for (size_t i = 0; i < count; i++) q[i] = NAN_BITS;
  return q;
}

// Rows with NaNs between them, each padded to whole pairs.
static uint16_t *random_rows(size_t rows, size_t columns, size_t stride) {
  uint16_t *q = not_numbers(rows * stride);
  for (size_t r = 0; r < rows; r++) {
    for (size_t c = 0; c < even(columns); c++) q[r * stride + c] = c < columns ? nearest_bf16(random_float()) : 0;
  }
  return q;
}

static double gelu(double x) { return x / 2 * (1 + erf(x / sqrt(2))); }

static void check_linear(const char *set, const scimult_bf16_kernels *kernels, size_t rows, size_t outputs,
                         size_t inputs) {
  const size_t x_stride = even(inputs) + 6, stride = even(outputs) + 4;
  uint16_t *x = random_rows(rows, inputs, x_stride);
  float *weight = random_floats(outputs * inputs);
  float *bias = random_floats(outputs);
  float *before = random_floats(rows * stride);
  float *y = zeros(rows * stride * sizeof *y), *sum = zeros(rows * stride * sizeof *y);
  memcpy(y, before, rows * stride * sizeof *y), memcpy(sum, before, rows * stride * sizeof *y);
  uint16_t *q = not_numbers(rows * stride), *activated = not_numbers(rows * stride);
  void *packed = zeros(kernels->packed_size(outputs, inputs));
  kernels->pack(outputs, inputs, weight, bias, packed);
  kernels->linear(rows, outputs, inputs, x, x_stride, packed, y, stride);
  kernels->linear_add(rows, outputs, inputs, x, x_stride, packed, sum, stride);
  kernels->linear_rounded(rows, outputs, inputs, x, x_stride, packed, q, stride);
  kernels->linear_gelu(rows, outputs, inputs, x, x_stride, packed, activated, stride);
  for (size_t i = 0; i < outputs * inputs; i++) weight[i] = float_of(nearest_bf16(weight[i]));
  const double tolerance = 1e-6 + 2e-6 * sqrt((double)inputs);
  for (size_t r = 0; r < rows; r++) {
    for (size_t o = 0; o < stride; o++) {
      const size_t place = r * stride + o;
      if (o >= outputs) {
        expect(y[place] == before[place] && sum[place] == before[place], set, "beyond a row", r, o, outputs);
        const uint16_t pad = o < even(outputs) ? 0 : NAN_BITS;
        expect(q[place] == pad && activated[place] == pad, set, "a row's padding", r, o, outputs);
        continue;
      }
      double right = bias[o];
      for (size_t i = 0; i < inputs; i++) right += (double)float_of(x[r * x_stride + i]) * weight[o * inputs + i];
      expect(fabs(y[place] - right) <= tolerance, set, "linear in bf16", rows, outputs, inputs);
      expect(fabs(sum[place] - (right + before[place])) <= tolerance, set, "linear_add in bf16", rows, outputs, inputs);
      expect(near_bf16(q[place], right, tolerance), set, "linear_rounded in bf16", rows, outputs, inputs);
      expect(near_bf16(activated[place], gelu(right), tolerance + 2e-4 * fmax(1, fabs(right))), set,
             "linear_gelu in bf16", rows, outputs, inputs);
    }
  }
  float alone[1024];
  for (size_t r = 0; r < rows && outputs <= 1024; r++) {
    kernels->linear(1, outputs, inputs, x + r * x_stride, x_stride, packed, alone, outputs);
    expect(memcmp(alone, y + r * stride, outputs * sizeof *alone) == 0, set, "a row of its own", r, outputs, inputs);
  }
  free(x), free(weight), free(bias), free(before), free(y), free(sum), free(q), free(activated), free(packed);
}

static void check_rows(const char *set, const scimult_bf16_kernels *kernels, size_t rows, size_t columns) {
  const size_t stride = columns + 5, q_stride = even(columns) + 4;
  float *x = random_floats(rows * stride);
  float *gamma = random_floats(columns), *beta = random_floats(columns);
  uint16_t *q = not_numbers(rows * q_stride);
  kernels->round(rows, columns, x, stride, q, q_stride);
  for (size_t r = 0; r < rows; r++) {
    for (size_t c = 0; c < q_stride; c++) {
      const uint16_t right = c < columns ? nearest_bf16(x[r * stride + c]) : c < even(columns) ? 0 : NAN_BITS;
      expect(q[r * q_stride + c] == right, set, "round", r, c, columns);
    }
  }
  float *normal = zeros(rows * stride * sizeof *normal);
  memcpy(normal, x, rows * stride * sizeof *normal);
  kernels->normalize(rows, columns, normal, stride, gamma, beta, 1e-5f, q, q_stride);
  for (size_t r = 0; r < rows; r++) {
    double mean = 0, squares = 0;
    for (size_t c = 0; c < columns; c++) mean += x[r * stride + c] / (double)columns;
    for (size_t c = 0; c < columns; c++) squares += pow(x[r * stride + c] - mean, 2);
    const double inverse = 1 / sqrt(squares / (double)columns + 1e-5);
    for (size_t c = 0; c < q_stride; c++) {
      const size_t place = r * stride + c;
      if (c < columns) {
        const double right = (x[place] - mean) * inverse * gamma[c] + beta[c];
        expect(fabs(normal[place] - right) <= 1e-4, set, "normalize in bf16", r, c, columns);
        expect(q[r * q_stride + c] == nearest_bf16(normal[place]), set, "what normalize rounds", r, c, columns);
      } else {
        expect(q[r * q_stride + c] == (c < even(columns) ? 0 : NAN_BITS), set, "padding of normalize", r, c, columns);
      }
    }
    expect(memcmp(normal + r * stride + columns, x + r * stride + columns, 5 * sizeof *x) == 0, set,
           "beyond a normalised row", r, columns, 0);
  }
  free(x), free(gamma), free(beta), free(q), free(normal);
}

// The context of a query, for the columns of one head.
static void attend_in_double(scimult_heads heads, const uint16_t *qkv, size_t stride, size_t row, size_t head,
                             double *context) {
  const size_t width = heads.heads * heads.head_size;
  const uint16_t *query = qkv + row * stride + head * heads.head_size;
  double *p = zeros(heads.length * sizeof *p);
  double largest = -INFINITY, sum = 0;
  for (size_t key = 0; key < heads.length; key++) {
    const uint16_t *other = qkv + key * stride + width + head * heads.head_size;
    for (size_t c = 0; c < heads.head_size; c++) p[key] += (double)float_of(query[c]) * float_of(other[c]);
    p[key] /= sqrt((double)heads.head_size);
    largest = fmax(largest, p[key]);
  }
  for (size_t key = 0; key < heads.length; key++) sum += p[key] = exp(p[key] - largest);
  for (size_t c = 0; c < heads.head_size; c++) {
    context[c] = 0;
    for (size_t key = 0; key < heads.length; key++) {
      context[c] += p[key] / sum * float_of(qkv[key * stride + 2 * width + head * heads.head_size + c]);
    }
  }
  free(p);
}

// Packs a sequence in two pieces and computes attention in two, cut at different rows, in memory filled with NaNs.
static uint16_t *attention(const scimult_bf16_kernels *kernels, scimult_heads heads, const uint16_t *qkv, size_t stride,
                           size_t split, size_t cut) {
  const size_t width = even(heads.heads * heads.head_size);
  const size_t query = kernels->query_size(heads) / sizeof(uint16_t);
  uint16_t *queries = not_numbers(heads.length * query);
  uint8_t *blocks = (uint8_t *)not_numbers(kernels->heads_size(heads) / sizeof(uint16_t));
  uint16_t *workspace = not_numbers(kernels->workspace_size(heads) / sizeof(uint16_t));
  uint16_t *context = not_numbers(heads.length * width);
  kernels->split_heads(heads, 0, split, qkv, stride, queries, blocks);
  kernels->split_heads(heads, split, heads.length - split, qkv + split * stride, stride, queries + split * query,
                       blocks);
  kernels->attend(heads, cut, queries, blocks, context, width, workspace);
  kernels->attend(heads, heads.length - cut, queries + cut * query, blocks, context + cut * width, width, workspace);
  free(queries), free(blocks), free(workspace);
  return context;
}

static void check_attention(const char *set, const scimult_bf16_kernels *kernels, scimult_heads heads) {
  const size_t width = heads.heads * heads.head_size;
  const size_t stride = even(3 * width) + 2;
  uint16_t *qkv = random_rows(heads.length, 3 * width, stride);
  // All scores of the first head are far below zero, so that nonexistent keys would be noticed.
  for (size_t r = 0; r < heads.length; r++) {
    for (size_t c = 0; c < heads.head_size; c++) {
      qkv[r * stride + c] = nearest_bf16(8.0f);
      qkv[r * stride + width + c] = nearest_bf16(-8.0f + random_float() / 4);
    }
  }
  uint16_t *context = attention(kernels, heads, qkv, stride, heads.length / 32 * 16, heads.length);
  uint16_t *other = attention(kernels, heads, qkv, stride, heads.length / 16 * 16, heads.length / 3);
  expect(memcmp(context, other, heads.length * even(width) * sizeof *context) == 0, set, "attention in pieces",
         heads.length, heads.heads, heads.head_size);
  double *right = zeros(heads.head_size * sizeof *right);
  for (size_t r = 0; r < heads.length; r++) {
    for (size_t head = 0; head < heads.heads; head++) {
      attend_in_double(heads, qkv, stride, r, head, right);
      for (size_t c = 0; c < heads.head_size; c++) {
        expect(near_bf16(context[r * even(width) + head * heads.head_size + c], right[c], 2.5e-3), set,
               "attention in bf16", heads.length, head, heads.head_size);
      }
    }
    expect(width % 2 == 0 || context[r * even(width) + width] == 0, set, "padding of attention", r, width, 0);
  }
  free(qkv), free(context), free(other), free(right);
}

void check_bf16(const char *set, const scimult_bf16_kernels *kernels) {
  static const size_t output_counts[] = {1, 15, 16, 17, 33, 70};
  static const size_t row_counts[] = {1, 13, 16, 17, 37};
  for (size_t rows = 0; rows <= 40; rows++) {
    EACH(o, output_counts) { check_linear(set, kernels, rows, output_counts[o], rows % 2 == 0 ? 63 : 48); }
  }
  EACH(r, row_counts) {
    for (size_t inputs = 1; inputs <= 100; inputs++) check_linear(set, kernels, row_counts[r], 33, inputs);
    EACH(o, output_counts) {
      check_linear(set, kernels, row_counts[r], output_counts[o], 384);
      check_linear(set, kernels, row_counts[r], output_counts[o], 1536);
    }
  }
  for (size_t columns = 1; columns <= 140; columns++) check_rows(set, kernels, 3, columns);
  check_rows(set, kernels, 5, 384);
  static const size_t head_sizes[] = {1, 2, 7, 16, 25, 32, 48, 64, 80};
  static const size_t lengths[] = {1, 2, 3, 15, 16, 17, 31, 32, 33, 47, 70, 130};
  EACH(l, lengths) { EACH(s, head_sizes) check_attention(set, kernels, (scimult_heads){lengths[l], 3, head_sizes[s]}); }
}
