// The operations on rows between two products: rounding, and layer normalisation with rounding.

static void round_rows(size_t rows, size_t columns, const float *x, size_t x_stride, uint16_t *q, size_t q_stride) {
  for (size_t r = 0; r < rows; r++) {
    for (size_t c = 0; c < columns; c += LANES) {
      store_some_halves(q + r * q_stride + c, rounded(load_some(x + r * x_stride + c, columns - c)), columns - c);
    }
  }
}

// Σ (x − center), or Σ (x − center)², in four partial sums, so that no addition waits for the previous one.
INLINE float sum_around(const int squares, size_t columns, const float *x, float center) {
  floats partial[4] = {{0}};
  size_t c = 0;
  for (; c + 4 * LANES <= columns; c += 4 * LANES) {
    UNROLL for (size_t v = 0; v < 4; v++) {
      const floats value = load(x + c + v * LANES) - center;
      partial[v] += squares ? value * value : value;
    }
  }
  float sum = sum_of((partial[0] + partial[1]) + (partial[2] + partial[3]));
  for (; c < columns; c++) sum += squares ? (x[c] - center) * (x[c] - center) : x[c] - center;
  return sum;
}

static void normalize(size_t rows, size_t columns, float *x, size_t x_stride, const float *gamma, const float *beta,
                      float epsilon, uint16_t *q, size_t q_stride) {
  for (size_t r = 0; r < rows; r++) {
    float *row = x + r * x_stride;
    const float mean = sum_around(0, columns, row, 0.0f) / (float)columns;
    const float inverse = 1.0f / sqrtf(sum_around(1, columns, row, mean) / (float)columns + epsilon);
    for (size_t c = 0; c < columns; c += LANES) {
      const size_t count = columns - c;
      const floats value =
          (load_some(row + c, count) - mean) * inverse * load_some(gamma + c, count) + load_some(beta + c, count);
      store_some(row + c, value, count);
      store_some_halves(q + r * q_stride + c, rounded(value), count);
    }
  }
}
