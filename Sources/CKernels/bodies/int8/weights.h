// What becomes of weights, once: scales, and the nearest integers.

INLINE float weight_scale(size_t count, const float *x) {
  float largest = 0.0f;
  for (size_t i = 0; i < count; i++) largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
  return largest > 0.0f ? largest / 127.0f : 1.0f;
}

INLINE int8_t weight_of(float x, float scale) { return (int8_t)nearest_byte(x / scale); }

static void quantize_weights(size_t rows, size_t columns, const float *x, float *scales, int8_t *q) {
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * columns;
    scales[r] = weight_scale(columns, row);
    for (size_t c = 0; c < columns; c++) q[r * columns + c] = weight_of(row[c], scales[r]);
  }
}

static void embed(size_t rows, size_t columns, const int32_t *tokens, const int8_t *words, const float *scales,
                  const float *positions, float *x, size_t x_stride) {
  for (size_t r = 0; r < rows; r++) {
    const int8_t *word = words + (size_t)tokens[r] * columns;
    const float scale = scales[tokens[r]];
    for (size_t c = 0; c < columns; c++) {
      x[r * x_stride + c] = (float)word[c] * scale + positions[r * columns + c];
    }
  }
}
