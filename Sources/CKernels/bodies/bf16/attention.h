// Attention of one sequence, head by head. Scores and sums of values are products of a tile of rows with vectors of
// keys and of values. Softmax is fp32. Its probabilities are rounded to bf16 before the product with the values, and
// the result is then divided by their sum.
//
// A sequence's block contains for each head, padded to whole vectors and, with zeros, to whole products:
//   uint16_t key[⌈length / LANES⌉][head pairs][LANES][2], value[⌈head_size / LANES⌉][key pairs][LANES][2]
typedef struct {
  // The number of pairs in a row of a head, and of pairs of keys, rounded up to whole products.
  size_t head_pairs;
  size_t key_pairs;
  // The stride of rows of scores, and of rows of probabilities.
  size_t keys;
  // Bytes of a vector of keys, and of a vector of values.
  size_t key_vector;
  size_t value_vector;
  // Bytes of a head's keys, and of a head's keys and values together.
  size_t key_bytes;
  size_t size;
} head_shape;

INLINE size_t whole(size_t count, size_t unit) { return (count + unit - 1) / unit * unit; }

INLINE size_t vectors_of(size_t count) { return (count + LANES - 1) / LANES; }

INLINE head_shape shape_of(scimult_heads heads) {
  head_shape shape;
  shape.head_pairs = whole(pairs_of(heads.head_size), PRODUCT_PAIRS);
  shape.key_pairs = whole(pairs_of(heads.length), PRODUCT_PAIRS);
  shape.keys = whole(heads.length, PANEL);
  shape.key_vector = shape.head_pairs * LANES * PAIR;
  shape.value_vector = shape.key_pairs * LANES * PAIR;
  shape.key_bytes = vectors_of(heads.length) * shape.key_vector;
  shape.size = shape.key_bytes + vectors_of(heads.head_size) * shape.value_vector;
  return shape;
}

static size_t heads_size(scimult_heads heads) { return heads.heads * shape_of(heads).size; }
static size_t query_size(scimult_heads heads) { return heads.heads * shape_of(heads).head_pairs * PAIR; }

typedef struct {
  uint8_t *key;
  uint8_t *value;
} head_block;

INLINE head_block block_at(head_shape shape, const uint8_t *blocks, size_t head) {
  uint8_t *key = (uint8_t *)(uintptr_t)blocks + head * shape.size;
  return (head_block){.key = key, .value = key + shape.key_bytes};
}

// LANES pairs of a row, or the remaining ones, filled up with zeros.
INLINE ints load_some_pairs(const uint16_t *x, size_t count) {
  if (count >= 2 * LANES)
    return *(const unaligned_ints *)(const void *)x;
  uint16_t some[2 * LANES] = {0};
  memcpy(some, x, count * sizeof *x);
  return *(const unaligned_ints *)(const void *)some;
}

INLINE void split_query(size_t size, size_t pairs, const uint16_t *x, uint16_t *query) {
  for (size_t c = 0; c < 2 * pairs; c += LANES) {
    const halves some = c < size ? load_some_halves(x + c, size - c) : (halves){0};
    store_some_halves(query + c, some, 2 * pairs - c);
  }
}

// Writes a vector of keys, or the last keys: each key takes one lane.
INLINE void split_keys(size_t size, size_t pairs, size_t rows, const uint16_t *x, size_t stride, uint8_t *vector) {
  for (size_t pair = 0; pair < pairs; pair += LANES) {
    const size_t c = 2 * pair;
    ints keys[LANES];
    for (size_t r = 0; r < LANES; r++) {
      keys[r] = r < rows && c < size ? load_some_pairs(x + r * stride + c, size - c) : (ints){0};
    }
    transpose(keys);
    for (size_t i = 0; i < LANES && pair + i < pairs; i++) {
      *(unaligned_ints *)(void *)(vector + (pair + i) * LANES * PAIR) = keys[i];
    }
  }
}

// Interleaves the columns of two rows of values, or of the last row and zeros.
INLINE void split_values(size_t size, size_t rows, const uint16_t *x, size_t stride, head_shape shape, uint8_t *pair) {
  for (size_t c = 0; c < size; c += LANES) {
    const halves first = load_some_halves(x + c, size - c);
    const halves second = rows > 1 ? load_some_halves(x + stride + c, size - c) : (halves){0};
    *(unaligned_half_pairs *)(void *)(pair + c / LANES * shape.value_vector) = interleaved(first, second);
  }
}

static void split_heads(scimult_heads heads, size_t first, size_t rows, const uint16_t *qkv, size_t qkv_stride,
                        uint16_t *queries, uint8_t *blocks) {
  const head_shape shape = shape_of(heads);
  const size_t size = heads.head_size;
  const size_t width = heads.heads * size;
  for (size_t r = 0; r < rows; r += LANES) {
    const size_t count = rows - r < LANES ? rows - r : LANES;
    for (size_t head = 0; head < heads.heads; head++) {
      const head_block block = block_at(shape, blocks, head);
      const uint16_t *x = qkv + r * qkv_stride + head * size;
      for (size_t i = 0; i < count; i++) {
        split_query(size, shape.head_pairs, x + i * qkv_stride,
                    queries + ((r + i) * heads.heads + head) * shape.head_pairs * 2);
      }
      split_keys(size, shape.head_pairs, count, x + width, qkv_stride,
                 block.key + (first + r) / LANES * shape.key_vector);
      for (size_t i = 0; i < count; i += 2) {
        split_values(size, count - i, x + i * qkv_stride + 2 * width, qkv_stride, shape,
                     block.value + (first + r + i) / 2 * LANES * PAIR);
      }
    }
  }
  if (first + rows < heads.length)
    return;
  const size_t end = pairs_of(heads.length) * LANES * PAIR;
  for (size_t head = 0; head < heads.heads; head++) {
    uint8_t *value = block_at(shape, blocks, head).value;
    for (size_t v = 0; v < vectors_of(size); v++, value += shape.value_vector) {
      memset(value + end, 0, shape.value_vector - end);
    }
  }
}

// The scores of a tile, followed by its probabilities.
static size_t workspace_size(scimult_heads heads) {
  return PRODUCT_ROWS * shape_of(heads).keys * (sizeof(float) + sizeof(uint16_t));
}

// Converts a row of scores to probabilities that are not yet divided by their sum, and returns the sum. A score times
// `scale` is a logarithm to the base 2.
INLINE float soften(size_t keys, size_t length, float scale, float *scores, uint16_t *probabilities) {
  const size_t last = (length - 1) / LANES * LANES;
  store(scores + last, first_lanes(load(scores + last), length - last, -1e30f));
  floats high[2] = {load(scores + last), load(scores + last)};
  size_t key = 0;
  for (; key + 2 * LANES <= length; key += 2 * LANES) {
    UNROLL for (size_t v = 0; v < 2; v++) high[v] = larger(high[v], load(scores + key + v * LANES));
  }
  if (key < length)
    high[0] = larger(high[0], load(scores + key));
  const float shift = -scale * largest_of(larger(high[0], high[1]));
  floats partial = {0};
  for (key = 0; key < length; key += LANES) {
    const floats p = exp2_of(load(scores + key) * scale + shift);
    partial += p;
    store_some_halves(probabilities + key, rounded(p), LANES);
  }
  for (; key < keys; key += LANES) store_some_halves(probabilities + key, (halves){0}, LANES);
  return sum_of(partial);
}

// Products with vectors of a block, whose pairs are contiguous.
static void multiply_block(size_t rows, size_t vectors, size_t pairs, const uint16_t *x, size_t x_stride,
                           const uint8_t *first, float *total, size_t total_stride) {
  multiply(rows, vectors, pairs, x, x_stride,
           (weight_vectors){.first = first, .step = LANES * PAIR, .next = pairs * LANES * PAIR}, total, total_stride);
}

static void attend_tile(scimult_heads heads, head_shape shape, size_t rows, const uint16_t *queries, head_block block,
                        uint16_t *context, size_t context_stride, float *scores) {
  uint16_t *probabilities = (uint16_t *)(scores + PRODUCT_ROWS * shape.keys);
  for (size_t key = 0; key < heads.length; key += PANEL) {
    multiply_block(rows, heads.length - key > LANES ? 2 : 1, shape.head_pairs, queries,
                   query_size(heads) / sizeof *queries, block.key + key / LANES * shape.key_vector, scores + key,
                   shape.keys);
  }
  const float scale = 1.44269504088896341f / sqrtf((float)heads.head_size);
  float normalizer[PRODUCT_ROWS];
  for (size_t r = 0; r < rows; r++) {
    const size_t row = r * shape.keys;
    normalizer[r] = 1.0f / soften(shape.keys, heads.length, scale, scores + row, probabilities + row);
  }
  floats total[PRODUCT_ROWS][2];
  for (size_t column = 0; column < heads.head_size; column += PANEL) {
    const size_t columns = heads.head_size - column;
    multiply_block(rows, columns > LANES ? 2 : 1, shape.key_pairs, probabilities, shape.keys,
                   block.value + column / LANES * shape.value_vector, (float *)total, PANEL);
    for (size_t r = 0; r < rows; r++) {
      UNROLL for (size_t v = 0; v < 2; v++) {
        if (v * LANES < columns) {
          store_some_halves(context + r * context_stride + column + v * LANES, rounded(total[r][v] * normalizer[r]),
                            columns - v * LANES);
        }
      }
    }
  }
}

static void attend(scimult_heads heads, size_t rows, const uint16_t *queries, const uint8_t *blocks, uint16_t *context,
                   size_t context_stride, void *workspace) {
  if (rows == 0)
    return;
  const head_shape shape = shape_of(heads);
  const size_t query_stride = query_size(heads) / sizeof *queries;
  const size_t tiles = (rows + PRODUCT_ROWS - 1) / PRODUCT_ROWS;
  begin_products(rows, PRODUCT_PAIRS);
  for (size_t head = 0; head < heads.heads; head++) {
    const head_block block = block_at(shape, blocks, head);
    for (size_t tile = 0; tile < tiles; tile++) {
      const size_t row = tile_start(rows, tiles, tile);
      attend_tile(heads, shape, tile_start(rows, tiles, tile + 1) - row,
                  queries + row * query_stride + head * shape.head_pairs * 2, block,
                  context + row * context_stride + head * heads.head_size, context_stride, workspace);
    }
  }
  end_products();
}
