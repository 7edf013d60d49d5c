// Weights are quantised once, when a model is read: a scale for each row, and the nearest integers.

INLINE float largest_weight(size_t count, const float *x) {
  float largest = 0.0f;
  for (size_t i = 0; i < count; i++) largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
  return largest;
}

INLINE float scale_to_127(float largest) { return largest > 0.0f ? largest / 127.0f : 1.0f; }

INLINE int8_t weight_of(float x, float scale) { return (int8_t)nearest_byte(x / scale); }

static void quantize_weights(size_t rows, size_t columns, const float *x, float *scales, int8_t *q) {
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * columns;
    scales[r] = scale_to_127(largest_weight(columns, row));
    for (size_t c = 0; c < columns; c++) q[r * columns + c] = weight_of(row[c], scales[r]);
  }
}

// The largest |x[2i] + x[2i + 1]| but for `skipped` larger ones.
INLINE float largest_pair(size_t count, const float *x, size_t skipped) {
  float descending[EXCESS_PAIRS_MAX + 1] = {0};
  for (size_t i = 0; i + 1 < count; i += 2) {
    float sum = fabsf(x[i] + x[i + 1]);
    for (size_t place = 0; place <= skipped && sum > descending[skipped]; place++) {
      if (sum <= descending[place])
        continue;
      const float smaller = descending[place];
      descending[place] = sum;
      sum = smaller;
    }
  }
  return descending[skipped];
}

static void weight_scales(size_t outputs, size_t inputs, const float *weight, float *scales) {
  for (size_t output = 0; output < outputs; output++) {
    const float *row = weight + output * inputs;
    const float largest = largest_weight(inputs, row);
    const float pair = largest_pair(inputs, row, excess_pairs_max(inputs));
    scales[output] = scale_to_127(pair > largest ? pair : largest);
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
