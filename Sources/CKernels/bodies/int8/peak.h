// Measures the peak of the instruction set: the products of a tile, repeated, from rows in the first-level cache and
// weights in registers.
static size_t exercise(size_t repetitions) {
  uint8_t x[TILE_ROWS][8];
  int8_t w[2][4 * LANES];
  memset(x, 1, sizeof x);
  memset(w, 1, sizeof w);
  // Hides from the compiler that all weights are equal.
  const int8_t *some_w = w[0];
  __asm__ volatile("" : "+r"(some_w) : : "memory");
  const weights columns[2] = {load_weights(some_w), load_weights(some_w + 4 * LANES)};
  sums total[TILE_ROWS][TILE_VECTORS];
  UNROLL for (size_t r = 0; r < TILE_ROWS; r++) {
    UNROLL for (size_t v = 0; v < TILE_VECTORS; v++) total[r][v] = (sums){0};
  }
  const uint8_t *rows = x[0];
  for (size_t repetition = 0; repetition < repetitions; repetition++) {
    // Hides that each repetition uses the same rows; otherwise the compiler would multiply only once and then add.
    __asm__ volatile("" : "+r"(rows) : : "memory");
    UNROLL for (size_t r = 0; r < TILE_ROWS; r++) {
      const activations four = load_activations(rows + 8 * r);
#ifdef ADDS_IN_16_BITS
      total[r][0] = dot_two(total[r][0], four, columns[0], load_activations(rows + 8 * r + 4), columns[1]);
#else
      UNROLL for (size_t v = 0; v < 2; v++) total[r][v] = dot(total[r][v], four, columns[v]);
#endif
    }
  }
  // Prevents the compiler from removing the products.
  UNROLL for (size_t r = 0; r < TILE_ROWS; r++) {
    UNROLL for (size_t v = 0; v < TILE_VECTORS; v++) {
      const sums kept = total[r][v];
      __asm__ volatile("" : : "m"(kept));
    }
  }
  return repetitions * TILE_ROWS * 2 * LANES * LANE_PRODUCTS;
}
