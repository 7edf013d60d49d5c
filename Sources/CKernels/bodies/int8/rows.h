// The operations on rows between two products: quantisation, and layer normalisation with quantisation.

// Quantises a row with known smallest and largest values; the range includes zero.
INLINE scimult_row_scale quantize_row(size_t columns, const float *x, float least, float largest, uint8_t *q) {
  const float range = largest - least;
  const float steps = range > 0.0f ? 255.0f / range : 0.0f;
  size_t c = 0;
  for (; c + STORED_VECTORS * LANES <= columns; c += STORED_VECTORS * LANES) {
    ints some[STORED_VECTORS];
    UNROLL for (size_t v = 0; v < STORED_VECTORS; v++) {
      some[v] = nearest(load(x + c + v * LANES) - least, steps, 0.0f);
    }
    store_vectors(q + c, some);
  }
  for (; c + LANES <= columns; c += LANES) store_bytes(q + c, nearest(load(x + c) - least, steps, 0.0f));
  for (; c < columns; c++) q[c] = nearest_byte((x[c] - least) * steps);
  return (scimult_row_scale){.scale = range * (1.0f / 255.0f), .offset = least};
}

typedef struct {
  float least;
  float largest;
} value_range;

// The range of a row, including zero. Keeps four minima and maxima, so that no comparison waits for the previous one.
INLINE value_range range_of(size_t columns, const float *x) {
  floats low[4] = {{0}};
  floats high[4] = {{0}};
  size_t c = 0;
  for (; c + 4 * LANES <= columns; c += 4 * LANES) {
    UNROLL for (size_t v = 0; v < 4; v++) {
      low[v] = smaller(low[v], load(x + c + v * LANES));
      high[v] = larger(high[v], load(x + c + v * LANES));
    }
  }
  for (; c + LANES <= columns; c += LANES) {
    low[0] = smaller(low[0], load(x + c));
    high[0] = larger(high[0], load(x + c));
  }
  value_range range = {
      .least = -largest_of(-smaller(smaller(low[0], low[1]), smaller(low[2], low[3]))),
      .largest = largest_of(larger(larger(high[0], high[1]), larger(high[2], high[3]))),
  };
  for (; c < columns; c++) {
    range.least = x[c] < range.least ? x[c] : range.least;
    range.largest = x[c] > range.largest ? x[c] : range.largest;
  }
  return range;
}

static void quantize(size_t rows, size_t columns, const float *x, size_t x_stride, uint8_t *q, size_t q_stride,
                     scimult_row_scale *scales) {
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * x_stride;
    const value_range range = range_of(columns, row);
    scales[r] = quantize_row(columns, row, range.least, range.largest, q + r * q_stride);
  }
}

static void subtract_quantized(size_t rows, size_t columns, const float *x, size_t x_stride, const uint8_t *q,
                               size_t q_stride, const scimult_row_scale *scales, float *rest, size_t rest_stride) {
  for (size_t r = 0; r < rows; r++) {
    for (size_t c = 0; c < columns; c++) {
      rest[r * rest_stride + c] =
          x[r * x_stride + c] - (scales[r].offset + scales[r].scale * (float)q[r * q_stride + c]);
    }
  }
}

static void normalize(size_t rows, size_t columns, float *x, size_t x_stride, const float *gamma, const float *beta,
                      float epsilon, uint8_t *q, size_t q_stride, scimult_row_scale *scales) {
  for (size_t r = 0; r < rows; r++) {
    float *row = x + r * x_stride;
    // Keeps two sums, so that no addition waits for the previous one.
    floats partial[2] = {{0}};
    size_t c = 0;
    for (; c + 2 * LANES <= columns; c += 2 * LANES) {
      partial[0] += load(row + c);
      partial[1] += load(row + c + LANES);
    }
    float total = sum_of(partial[0] + partial[1]);
    for (; c < columns; c++) total += row[c];
    const float mean = total / (float)columns;

    partial[0] = partial[1] = (floats){0};
    for (c = 0; c + 2 * LANES <= columns; c += 2 * LANES) {
      const floats low = load(row + c) - mean;
      const floats high = load(row + c + LANES) - mean;
      partial[0] = low * low + partial[0];
      partial[1] = high * high + partial[1];
    }
    float squares = sum_of(partial[0] + partial[1]);
    for (; c < columns; c++) squares += (row[c] - mean) * (row[c] - mean);
    const float inverse = 1.0f / sqrtf(squares / (float)columns + epsilon);

    floats low = {0};
    floats high = {0};
    for (c = 0; c + LANES <= columns; c += LANES) {
      const floats value = (load(row + c) - mean) * inverse * load(gamma + c) + load(beta + c);
      store(row + c, value);
      low = smaller(low, value);
      high = larger(high, value);
    }
    float least = -largest_of(-low);
    float largest = largest_of(high);
    for (; c < columns; c++) {
      row[c] = (row[c] - mean) * inverse * gamma[c] + beta[c];
      least = row[c] < least ? row[c] : least;
      largest = row[c] > largest ? row[c] : largest;
    }
    scales[r] = quantize_row(columns, row, least, largest, q + r * q_stride);
  }
}
