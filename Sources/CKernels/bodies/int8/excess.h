// Products of two neighbours in 16 bits.
//
// A set without an instruction for four products multiplies u8 by s8 and adds two products in 16 bits, which saturates
// beyond 2^15 − 1. The sum is at most 255 · (|q₁| + |q₂|) for weights of the same sign, so it requires
// |q₁| + |q₂| ≤ 128. The scales of weights ensure this for all but a few pairs of each output (weight_scales()). For
// these few pairs, such a set stores the part beyond 128, the excess, in a list behind the panel. It adds the products
// of the excess in 32 bits, so its sums are the same as those of every other set.
#define PAIR_MAX 128

// The maximum number of pairs of one output with an excess: one pair in 192. With it, the scale of nearly all outputs
// still maps their largest weight to 127.
#define EXCESS_PAIRS_MAX 16
INLINE size_t excess_pairs_max(size_t inputs) {
  const size_t pairs = inputs / 384;
  return pairs < 1 ? 1 : pairs > EXCESS_PAIRS_MAX ? EXCESS_PAIRS_MAX : pairs;
}

#ifdef ADDS_PAIRS_IN_16_BITS
// A part of one weight of a panel. A weight of 0 ends a list that is not full.
typedef struct {
  uint16_t input;
  uint8_t column;
  int8_t weight;
} excess_weight;

INLINE size_t excess_capacity(size_t inputs) { return PANEL * excess_pairs_max(inputs); }
INLINE size_t excess_size(size_t inputs) { return excess_capacity(inputs) * sizeof(excess_weight); }

INLINE int is_beyond(int8_t a, int8_t b) { return (a < 0) == (b < 0) && abs(a) + abs(b) > PAIR_MAX; }

// Moves the excess of an output's pairs from the panel to the list. Returns 0 if the list is too short.
INLINE int take_excess(size_t inputs, size_t column, int8_t *weights, excess_weight *list) {
  const excess_weight *end = list + excess_capacity(inputs);
  while (list < end && list->weight != 0) list++;
  for (size_t input = 0; input + 1 < inputs; input += 2) {
    int8_t *pair = weights + (input / 4 * PANEL + column) * 4 + input % 4;
    if (!is_beyond(pair[0], pair[1]))
      continue;
    if (list == end)
      return 0;
    const size_t larger_one = abs(pair[1]) > abs(pair[0]);
    const int excess = abs(pair[0]) + abs(pair[1]) - PAIR_MAX;
    const int8_t part = (int8_t)(pair[0] < 0 ? -excess : excess);
    pair[larger_one] = (int8_t)(pair[larger_one] - part);
    *list++ = (excess_weight){.input = (uint16_t)(input + larger_one), .column = (uint8_t)column, .weight = part};
  }
  return 1;
}

// Products of a tile's rows with a panel's excess.
typedef struct {
  int is_there;
  int32_t sum[TILE_ROWS][PANEL];
} excess_products;

INLINE void multiply_excess(const size_t rows, size_t inputs, const uint8_t *x, size_t x_stride,
                            const excess_weight *list, excess_products *products) {
  products->is_there = list->weight != 0;
  if (!products->is_there)
    return;
  memset(products->sum, 0, rows * sizeof products->sum[0]);
  // The list may come from a corrupt file, so an entry must not reach outside the tile.
  const excess_weight *end = list + excess_capacity(inputs);
  for (; list < end && list->weight != 0 && list->input < inputs; list++) {
    const size_t column = list->column % PANEL;
    UNROLL for (size_t r = 0; r < rows; r++) {
      products->sum[r][column] += x[r * x_stride + list->input] * list->weight;
    }
  }
}

INLINE void add_excess(const size_t rows, const excess_products *products, sums total[TILE_ROWS][2]) {
  if (!products->is_there)
    return;
  UNROLL for (size_t r = 0; r < rows; r++) {
    UNROLL for (size_t v = 0; v < 2; v++) {
      const ints more = *(const unaligned_ints *)(products->sum[r] + v * LANES);
      total[r][v] = start(finish(total[r][v]) + more);
    }
  }
}
#else
typedef void excess_weight;
typedef struct {
  int is_there;
} excess_products;

INLINE size_t excess_size(size_t inputs) { return 0 * inputs; }
INLINE int take_excess(size_t inputs, size_t column, int8_t *weights, excess_weight *list) { return 1; }
INLINE void multiply_excess(const size_t rows, size_t inputs, const uint8_t *x, size_t x_stride,
                            const excess_weight *list, excess_products *products) {}
INLINE void add_excess(const size_t rows, const excess_products *products, sums total[TILE_ROWS][2]) {}
#endif
