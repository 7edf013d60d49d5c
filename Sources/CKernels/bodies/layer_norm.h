// Sums in double, in 16 interleaved partial sums: rows of a trained model contain outliers a hundred times as large as
// the other values.
#define LANES 16

static inline double KERNEL(wide_sum)(const double *partial) {
  double sum = 0.0;
  for (size_t lane = 0; lane < LANES; lane++) sum += partial[lane];
  return sum;
}

static inline double KERNEL(mean)(size_t count, const float *x) {
  double partial[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t lane = 0; lane < LANES; lane++) partial[lane] += (double)x[i + lane];
  }
  for (size_t lane = 0; i < count; i++, lane++) partial[lane] += (double)x[i];
  return KERNEL(wide_sum)(partial) / (double)count;
}

static inline double KERNEL(variance)(size_t count, const float *x, double mean) {
  double partial[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t lane = 0; lane < LANES; lane++) {
      const double d = (double)x[i + lane] - mean;
      partial[lane] += d * d;
    }
  }
  for (size_t lane = 0; i < count; i++, lane++) {
    const double d = (double)x[i] - mean;
    partial[lane] += d * d;
  }
  return KERNEL(wide_sum)(partial) / (double)count;
}

static void KERNEL(layer_norm)(size_t rows, size_t columns, float *x, size_t stride, const float *gamma,
                               const float *beta, float epsilon) {
  for (size_t r = 0; r < rows; r++) {
    float *row = x + r * stride;
    const double mean = KERNEL(mean)(columns, row);
    const float inverse = (float)(1.0 / sqrt(KERNEL(variance)(columns, row, mean) + (double)epsilon));
    const float center = (float)mean;
    for (size_t c = 0; c < columns; c++) row[c] = (row[c] - center) * inverse * gamma[c] + beta[c];
  }
}

#undef LANES
