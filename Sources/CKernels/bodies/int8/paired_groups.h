// The weights of a panel, for a set that adds products in 16 bits:
//   int8_t q[groups_max()][PANEL][4]; panel_order
//
// The words of two groups of inputs can often be added before they are widened to 32 bits, which takes three
// multiplications instead of four. It is exact if in each word the weights of both groups and of one sign add up to at
// most WORD_MAX. Such groups are found in each panel separately and stored side by side, so the order of groups differs
// between panels, and the rows' inputs are read in this order. In trained models, 98 % of the groups find a partner in
// panels of 8 columns, but only few would in panels of 16.
//
// A group with a word beyond WORD_MAX is stored twice, with weights that add up to the original ones. The sums of a
// panel are therefore those of every other set.

// The number of pairs, of groups behind them without a partner, and the place of each group among a row's inputs.
typedef struct {
  uint16_t pairs;
  uint16_t singles;
  uint16_t group[];
} panel_order;

// Each large pair of neighbours may divide one group.
INLINE size_t groups_max(size_t inputs) { return groups_of(inputs) + PANEL * large_pairs_max(inputs); }
INLINE size_t order_size(size_t inputs) {
  return (sizeof(panel_order) + groups_max(inputs) * sizeof(uint16_t) + 63) / 64 * 64;
}
INLINE size_t weights_size(size_t inputs) { return groups_max(inputs) * PANEL * 4 + order_size(inputs); }
INLINE panel_order *order_of(const int8_t *weights, size_t inputs) {
  return (panel_order *)(void *)(uintptr_t)(weights + groups_max(inputs) * PANEL * 4);
}

#include "group_pairing.h"

// Adds the products of a tile's rows with a panel's weights.
INLINE void multiply_panel(const size_t rows, size_t inputs, const uint8_t *x, size_t x_stride, const int8_t *w,
                           sums total[TILE_ROWS][TILE_VECTORS]) {
  const panel_order *order = order_of(w, inputs);
  const uint16_t *place = order->group;
  UNROLL for (size_t r = 0; r < rows; r++) total[r][0] = start((ints){0});
  for (size_t pair = order->pairs; pair > 0; pair--) {
    __builtin_prefetch(w + WEIGHTS_AHEAD);
    const weights first = load_weights(w);
    const weights second = load_weights(w + PANEL * 4);
    const uint8_t *first_x = x + 4 * (size_t)place[0];
    const uint8_t *second_x = x + 4 * (size_t)place[1];
    UNROLL for (size_t r = 0; r < rows; r++) {
      total[r][0] = dot_two(total[r][0], load_activations(first_x + r * x_stride), first,
                            load_activations(second_x + r * x_stride), second);
      // Two rows at a time: the compiler would load the inputs of all rows first, and there are too few registers.
      if (r % 2 == 1)
        __asm__ volatile("" : "+x"(total[r - 1][0]), "+x"(total[r][0]) : : "memory");
    }
    w += 2 * PANEL * 4;
    place += 2;
  }
  for (size_t single = order->singles; single > 0; single--) {
    const weights only = load_weights(w);
    UNROLL for (size_t r = 0; r < rows; r++) {
      total[r][0] = dot(total[r][0], load_activations(x + r * x_stride + 4 * (size_t)*place), only);
    }
    w += PANEL * 4;
    place++;
  }
}
