// Attention of one sequence, head by head.
//
// Queries, keys and values are quantised symmetrically by row, with one scale for all heads. A query is stored as
// q + 128, in u8, so each key's sum starts at −128 · Σ key. Let v be the scale of a key's value. Each probability p is
// multiplied by v before it is quantised (p·v = 2^(score + log2 v)). The product with the values then needs no scales
// inside, and Σ p = Σ (p·v) / v normalises it at the end.
//
// Two neighbours of a key, 2i and 2i + 1, add up to at most 128, and so do the values of keys 2i and 2i + 1 in any
// column. Sets that add two products in 16 bits need this; its effect on embeddings is not measurable.
//
// A sequence's block, for `keys` = length rounded up to LANES and `columns` = head_size rounded up to LANES:
//   float key_scale[keys], value_log2[keys] (log2 v; −1e30 if there is no key), value_inverse[keys] (1/v, or 0)
//   for each head, aligned to 64 bytes:
//     int32_t key_start[keys] (−128 · Σ key)
//     int8_t key[keys / LANES][⌈head_size / 4⌉][LANES][4], value[⌈length / 4⌉][columns][4]
typedef struct {
  size_t keys;
  size_t key_groups;
  size_t groups;
  size_t columns;
  size_t key_bytes;
  // Bytes of all scales, and of one head.
  size_t scales;
  size_t size;
} head_shape;

INLINE head_shape shape_of(scimult_heads heads) {
  head_shape shape;
  shape.keys = (heads.length + LANES - 1) / LANES * LANES;
  shape.key_groups = groups_of(heads.length);
  shape.groups = groups_of(heads.head_size);
  shape.columns = (heads.head_size + LANES - 1) / LANES * LANES;
  shape.key_bytes = shape.keys * shape.groups * 4;
  shape.scales = (3 * shape.keys * sizeof(float) + 63) / 64 * 64;
  const size_t size = shape.keys * sizeof(int32_t) + shape.key_bytes + shape.key_groups * 4 * shape.columns;
  shape.size = (size + 63) / 64 * 64;
  return shape;
}

typedef struct {
  float *key_scale;
  float *value_log2;
  float *value_inverse;
  int32_t *key_start;
  int8_t *key;
  int8_t *value;
} head_block;

INLINE head_block block_at(head_shape shape, const uint8_t *blocks, size_t head) {
  float *scales = (float *)(void *)(uintptr_t)blocks;
  int32_t *start = (int32_t *)(void *)(uintptr_t)(blocks + shape.scales + head * shape.size);
  int8_t *key = (int8_t *)(start + shape.keys);
  return (head_block){.key_scale = scales,
                      .value_log2 = scales + shape.keys,
                      .value_inverse = scales + 2 * shape.keys,
                      .key_start = start,
                      .key = key,
                      .value = key + shape.key_bytes};
}

static size_t heads_size(scimult_heads heads) {
  const head_shape shape = shape_of(heads);
  return shape.scales + heads.heads * shape.size;
}
static size_t query_size(scimult_heads heads) { return heads.heads * groups_of(heads.head_size) * 4; }

// Keeps two maxima, so that no comparison waits for the previous one.
INLINE float largest_magnitude(size_t count, const float *x) {
  floats high[2] = {{0}};
  size_t c = 0;
  for (; c + 2 * LANES <= count; c += 2 * LANES) {
    UNROLL for (size_t v = 0; v < 2; v++) {
      const floats value = load(x + c + v * LANES);
      high[v] = larger(high[v], larger(value, -value));
    }
  }
  float largest = largest_of(larger(high[0], high[1]));
  for (; c < count; c++) {
    const float magnitude = x[c] < 0.0f ? -x[c] : x[c];
    largest = magnitude > largest ? magnitude : largest;
  }
  return largest;
}

// The largest magnitude in a head's key, of the values and of the sums of two neighbours.
INLINE float largest_of_neighbours(size_t size, const float *x) {
  floats high = {0};
  size_t c = 0;
  for (; c + LANES <= size; c += LANES) {
    const floats value = load(x + c);
    const floats sum = value + neighbours(value);
    high = larger(high, larger(larger(value, -value), larger(sum, -sum)));
  }
  float largest = largest_of(high);
  for (; c < size; c++) {
    const float sum = c + 1 < size && c % 2 == 0 ? x[c] + x[c + 1] : x[c];
    largest = fmaxf(largest, fmaxf(fabsf(x[c]), fabsf(sum)));
  }
  return largest;
}

// The largest sum of two neighbouring rows' values, each divided by its row's largest magnitude; at least 1.
INLINE float largest_sum_of_shares(size_t width, const float *x, size_t stride, const float *magnitudes) {
  const float share[2] = {1.0f / magnitudes[0], 1.0f / magnitudes[1]};
  floats high = all(1.0f);
  size_t c = 0;
  for (; c + LANES <= width; c += LANES) {
    const floats sum = load(x + c) * share[0] + load(x + stride + c) * share[1];
    high = larger(high, larger(sum, -sum));
  }
  float largest = largest_of(high);
  for (; c < width; c++) largest = fmaxf(largest, fabsf(x[c] * share[0] + x[stride + c] * share[1]));
  return largest;
}

// A row of zeros may have any scale. This one is far below all others, and its logarithm is still close to theirs.
#define LEAST_MAGNITUDE 1e-18f

// The magnitudes that map to 127, for each row's query, key and value.
INLINE void measure_rows(scimult_heads heads, size_t rows, const float *x, size_t stride, float magnitude[3][LANES]) {
  const size_t width = heads.heads * heads.head_size;
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * stride;
    magnitude[0][r] = largest_magnitude(width, row);
    for (size_t head = 0; head < heads.heads; head++) {
      const float largest = largest_of_neighbours(heads.head_size, row + width + head * heads.head_size);
      magnitude[1][r] = largest > magnitude[1][r] ? largest : magnitude[1][r];
    }
    magnitude[2][r] = fmaxf(largest_magnitude(width, row + 2 * width), LEAST_MAGNITUDE);
  }
  for (size_t r = 0; r + 1 < rows; r += 2) {
    const float sum = largest_sum_of_shares(width, x + r * stride + 2 * width, stride, magnitude[2] + r);
    magnitude[2][r] *= sum;
    magnitude[2][r + 1] *= sum;
  }
}

// Quantises values and adds `middle`; one byte per value.
INLINE void quantize_head(size_t size, const float *x, float steps, float middle, uint8_t *q) {
  size_t c = 0;
  for (; c + LANES <= size; c += LANES) store_bytes(q + c, nearest(load(x + c), steps, middle));
  for (; c < size; c++) q[c] = nearest_byte(x[c] * steps + middle);
}

// log2 of positive values, within 1e-5: the exponent plus a polynomial in the mantissa in [1, 2).
INLINE floats log2_of(floats v) {
  const ints bits = (ints)v;
  const floats m = (floats)((bits & 0x7fffff) | 0x3f800000) - 1.0f;
  floats p = -0.02645349f * m + 0.12343985f;
  p = p * m - 0.27952539f;
  p = p * m + 0.45826446f;
  p = p * m - 0.71828054f;
  p = p * m + 1.44255305f;
  return to_floats((bits >> 23) - 127) + p * m;
}

// Quantises a key into one lane of its panel.
INLINE void split_key(size_t size, const float *x, float steps, uint8_t *panel) {
  uint8_t q[4 * LANES];
  for (size_t c = 0; c < size; c += 4 * LANES) {
    const size_t count = size - c < 4 * LANES ? size - c : 4 * LANES;
    quantize_head(count, x + c, steps, 0.0f, q);
    for (size_t rest = count; rest % 4 != 0; rest++) q[rest] = 0;
    for (size_t i = 0; i < count; i += 4) memcpy(panel + (c + i) * LANES, q + i, 4);
  }
}

// Quantises four rows of values, or the remaining ones, and interleaves their bytes.
INLINE void split_values(size_t size, size_t rows, const float *x, size_t stride, const float *steps, size_t columns,
                         uint8_t *group) {
  size_t c = 0;
  for (; c + LANES <= size; c += LANES) {
    ints four = {0};
    for (size_t r = 0; r < rows; r++) {
      four |= (nearest(load(x + r * stride + c), steps[r], 0.0f) & 255) << (int)(8 * r);
    }
    *(unaligned_ints *)(void *)(group + 4 * c) = four;
  }
  for (; c < size; c++) {
    for (size_t r = 0; r < 4; r++) group[4 * c + r] = r < rows ? nearest_byte(x[r * stride + c] * steps[r]) : 0;
  }
  memset(group + 4 * size, 0, 4 * (columns - size));
}

// Handles LANES rows, or the remaining ones at the sequence's end: one panel of keys in each head.
static void split_panel(scimult_heads heads, head_shape shape, size_t first, size_t rows, const float *x, size_t stride,
                        uint8_t *queries, float *query_scales, uint8_t *blocks) {
  const size_t size = heads.head_size;
  const size_t width = heads.heads * size;
  float magnitude[3][LANES] = {{0}};
  measure_rows(heads, rows, x, stride, magnitude);
  float steps[3][LANES];
  floats scale[3];
  for (size_t part = 0; part < 3; part++) {
    scale[part] = larger(load(magnitude[part]), all(LEAST_MAGNITUDE)) * (1.0f / 127.0f);
    store(steps[part], 1.0f / scale[part]);
  }
  const floats query_scale = scale[0] * (1.44269504088896341f / sqrtf((float)size));
  for (size_t r = 0; r < rows; r++) query_scales[r] = query_scale[r];
  const head_block scales = block_at(shape, blocks, 0);
  store(scales.key_scale + first, scale[1]);
  store(scales.value_log2 + first, log2_of(scale[2]));
  store(scales.value_inverse + first, load(steps[2]));
  for (size_t r = rows; r < LANES; r++) {
    scales.value_log2[first + r] = -1e30f;
    scales.value_inverse[first + r] = 0.0f;
  }
  for (size_t head = 0; head < heads.heads; head++) {
    const head_block block = block_at(shape, blocks, head);
    uint8_t *panel = (uint8_t *)block.key + first * shape.groups * 4;
    for (size_t r = 0; r < rows; r++) {
      const float *row = x + r * stride + head * size;
      quantize_head(size, row, steps[0][r], 128.0f, queries + (r * heads.heads + head) * shape.groups * 4);
      split_key(size, row + width, steps[1][r], panel + 4 * r);
    }
    for (size_t r = 0; r < rows; r += 4) {
      split_values(size, rows - r < 4 ? rows - r : 4, x + r * stride + 2 * width + head * size, stride, steps[2] + r,
                   shape.columns, (uint8_t *)block.value + (first + r) * shape.columns);
    }
    const uint8_t one[4] = {BIAS + 1, BIAS + 1, BIAS + 1, BIAS + 1};
    sums total = start((ints){0});
    for (size_t group = 0; group < shape.groups; group++) {
      total = dot(total, load_activations(one), load_weights((int8_t *)panel + group * LANES * 4));
    }
    *(unaligned_ints *)(block.key_start + first) = -128 * finish(total);
  }
}

static void split_heads(scimult_heads heads, size_t first, size_t rows, const float *qkv, size_t qkv_stride,
                        uint8_t *queries, float *query_scales, uint8_t *blocks) {
  const head_shape shape = shape_of(heads);
  for (size_t r = 0; r < rows; r += LANES) {
    split_panel(heads, shape, first + r, rows - r < LANES ? rows - r : LANES, qkv + r * qkv_stride, qkv_stride,
                queries + r * query_size(heads), query_scales + r, blocks);
  }
}

// Rows of scores, then rows of probabilities.
static size_t workspace_size(scimult_heads heads) { return TILE_ROWS * shape_of(heads).keys * (sizeof(float) + 1); }

// The scores of some vectors of keys, to the base 2, plus log2 of the values' scales.
INLINE void score_keys(const size_t rows, const size_t vectors, head_shape shape, const uint8_t *queries,
                       size_t query_stride, const float *query_scales, head_block block, size_t key, float *scores,
                       floats high[TILE_ROWS]) {
  sums total[TILE_ROWS][TILE_VECTORS];
  UNROLL for (size_t v = 0; v < vectors; v++) {
    const ints begin = *(const unaligned_ints *)(block.key_start + key + v * LANES);
    UNROLL for (size_t r = 0; r < rows; r++) total[r][v] = start(begin);
  }
  multiply_tile(rows, vectors, shape.groups, queries, query_stride, block.key + key * shape.groups * 4, LANES * 4,
                shape.groups * LANES * 4, 0, total);
  UNROLL for (size_t v = 0; v < vectors; v++) {
    const floats key_scale = load(block.key_scale + key + v * LANES);
    const floats value_log2 = load(block.value_log2 + key + v * LANES);
    UNROLL for (size_t r = 0; r < rows; r++) {
      const floats score = to_floats(finish(total[r][v])) * key_scale * query_scales[r] + value_log2;
      store(scores + r * shape.keys + key + v * LANES, score);
      high[r] = larger(high[r], score);
    }
  }
}

// context = probabilities · values, for some vectors of columns.
INLINE void sum_values(const size_t rows, const size_t vectors, size_t size, head_shape shape,
                       const uint8_t *probabilities, const float *normalizer, head_block block, size_t column,
                       float *context, size_t context_stride) {
  sums total[TILE_ROWS][TILE_VECTORS];
  UNROLL for (size_t r = 0; r < rows; r++) {
    UNROLL for (size_t v = 0; v < vectors; v++) total[r][v] = start((ints){0});
  }
  multiply_tile(rows, vectors, shape.key_groups, probabilities, shape.keys, block.value + 4 * column, shape.columns * 4,
                LANES * 4, 0, total);
  UNROLL for (size_t v = 0; v < vectors; v++) {
    const size_t first = column + v * LANES;
    UNROLL for (size_t r = 0; r < rows; r++) {
      const floats value = to_floats(finish(total[r][v])) * normalizer[r];
      float *target = context + r * context_stride + first;
      if (first + LANES <= size) {
        store(target, value);
      } else {
        for (size_t lane = 0; first + lane < size; lane++) target[lane] = value[lane];
      }
    }
  }
}

// Probabilities of a vector of keys, times their values' scales, in the low bits; adds them up, without the scales.
INLINE ints probability(const float *scores, head_block block, size_t key, float shift, floats *total) {
  const floats p = exp2_of(load(scores + key) + shift);
  *total = p * load(block.value_inverse + key) + *total;
  return nearest(p, 1.0f, 0.0f);
}

INLINE void attend_tile(const size_t rows, size_t size, head_shape shape, const uint8_t *queries, size_t query_stride,
                        const float *query_scales, head_block block, float *context, size_t context_stride,
                        float *scores) {
  uint8_t *probabilities = (uint8_t *)(scores + TILE_ROWS * shape.keys);
  floats high[TILE_ROWS];
  UNROLL for (size_t r = 0; r < rows; r++) high[r] = all(-1e38f);
  size_t key = 0;
  for (; key + PANEL <= shape.keys; key += PANEL) {
    score_keys(rows, TILE_VECTORS, shape, queries, query_stride, query_scales, block, key, scores, high);
  }
  if (key < shape.keys) {
    score_keys(rows, 1, shape, queries, query_stride, query_scales, block, key, scores, high);
  }
  float normalizer[TILE_ROWS];
  for (size_t r = 0; r < rows; r++) {
    // The largest becomes 255.
    const float shift = 7.99435344f - largest_of(high[r]);
    const float *row = scores + r * shape.keys;
    floats partial = {0};
    uint8_t *bytes_of_row = probabilities + r * shape.keys;
    for (key = 0; key + STORED_VECTORS * LANES <= shape.keys; key += STORED_VECTORS * LANES) {
      ints some[STORED_VECTORS];
      UNROLL for (size_t v = 0; v < STORED_VECTORS; v++) {
        some[v] = probability(row, block, key + v * LANES, shift, &partial);
      }
      store_vectors(bytes_of_row + key, some);
    }
    for (; key < shape.keys; key += LANES) {
      store_bytes(bytes_of_row + key, probability(row, block, key, shift, &partial));
    }
    normalizer[r] = 1.0f / sum_of(partial);
  }
  size_t column = 0;
  for (; column + PANEL <= shape.columns; column += PANEL) {
    sum_values(rows, TILE_VECTORS, size, shape, probabilities, normalizer, block, column, context, context_stride);
  }
  if (column < shape.columns) {
    sum_values(rows, 1, size, shape, probabilities, normalizer, block, column, context, context_stride);
  }
}

#define TILE(n)                                                                                                        \
  case n:                                                                                                              \
    attend_tile(n, size, shape, queries, query_stride, query_scales, block, context, context_stride, scores);          \
    break;

static void attend_rows(size_t rows, size_t size, head_shape shape, const uint8_t *queries, size_t query_stride,
                        const float *query_scales, head_block block, float *context, size_t context_stride,
                        float *scores) {
  switch (rows) {
    TILES
  default:
    break;
  }
}

#undef TILE

static void attend(scimult_heads heads, size_t first_head, size_t head_count, size_t rows, const uint8_t *queries,
                   const float *query_scales, const uint8_t *blocks, float *context, size_t context_stride,
                   void *workspace) {
  const head_shape shape = shape_of(heads);
  const size_t query_stride = query_size(heads);
  const size_t tiles = tiles_for(rows);
  for (size_t head = first_head; head < first_head + head_count; head++) {
    const head_block block = block_at(shape, blocks, head);
    for (size_t tile = 0; tile < tiles; tile++) {
      const size_t row = tile_start(rows, tiles, tile);
      attend_rows(tile_start(rows, tiles, tile + 1) - row, heads.head_size, shape,
                  queries + row * query_stride + head * shape.groups * 4, query_stride, query_scales + row, block,
                  context + row * context_stride + head * heads.head_size, context_stride, workspace);
    }
  }
}
