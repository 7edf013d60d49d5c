// Quantises weights once, when a model is read: one scale per row, and the nearest integers.

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

// Finds the largest sums of neighbours, |x[2i] + x[2i + 1]|, in descending order.
INLINE void find_largest_pairs(size_t count, const float *x, size_t pairs, float descending[]) {
  for (size_t place = 0; place < pairs; place++) descending[place] = 0.0f;
  for (size_t i = 0; i + 1 < count; i += 2) {
    float sum = fabsf(x[i] + x[i + 1]);
    for (size_t place = 0; place < pairs && sum > descending[pairs - 1]; place++) {
      if (sum <= descending[place])
        continue;
      const float smaller_sum = descending[place];
      descending[place] = sum;
      sum = smaller_sum;
    }
  }
}

// The range of an output's weights that maps to 127: as small as possible, with few pairs beyond it. Each such pair
// costs time in every product, so using all allowed pairs must make the range smaller by a tenth.
INLINE float range_of_weights(size_t inputs, const float *x) {
  const size_t pairs_max = large_pairs_max(inputs);
  const float largest = largest_weight(inputs, x);
  float descending[LARGE_PAIRS_MAX + 1];
  find_largest_pairs(inputs, x, pairs_max + 1, descending);
  float best = INFINITY;
  float best_range = largest;
  for (size_t pairs = 0; pairs <= pairs_max; pairs++) {
    const float range = descending[pairs] > largest ? descending[pairs] : largest;
    const float cost = range * (1.0f + 0.1f * (float)pairs / (float)pairs_max);
    best_range = cost < best ? range : best_range;
    best = cost < best ? cost : best;
  }
  return best_range;
}

static void weight_scales(size_t outputs, size_t inputs, const float *weight, float *scales) {
  for (size_t output = 0; output < outputs; output++) {
    scales[output] = scale_to_127(range_of_weights(inputs, weight + output * inputs));
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
