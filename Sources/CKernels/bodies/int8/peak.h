// What the instruction set can do at best: the products of a tile, again and again, from rows and weights that are in
// the first-level cache and in registers.
static size_t exercise(size_t repetitions) {
  uint8_t x[TILE_ROWS][4];
  int8_t w[2][4 * LANES];
  memset(x, 1, sizeof x);
  memset(w, 1, sizeof w);
  // What the compiler must not know: that these weights are the same.
  const int8_t *some_w = w[0];
  __asm__ volatile("" : "+r"(some_w) : : "memory");
  const weights columns[2] = {load_weights(some_w), load_weights(some_w + 4 * LANES)};
  sums total[TILE_ROWS][2];
  UNROLL for (size_t r = 0; r < TILE_ROWS; r++) total[r][0] = total[r][1] = (sums){0};
  const uint8_t *rows = x[0];
  for (size_t repetition = 0; repetition < repetitions; repetition++) {
    // Nor that each repetition has the same rows, or it would multiply once and then add.
    __asm__ volatile("" : "+r"(rows) : : "memory");
    UNROLL for (size_t r = 0; r < TILE_ROWS; r++) {
      const activations four = load_activations(rows + 4 * r);
      UNROLL for (size_t v = 0; v < 2; v++) total[r][v] = dot(total[r][v], four, columns[v]);
    }
  }
  // Keeps the products from being left out.
  UNROLL for (size_t r = 0; r < TILE_ROWS; r++) {
    UNROLL for (size_t v = 0; v < 2; v++) {
      const sums kept = total[r][v];
      __asm__ volatile("" : : "m"(kept));
    }
  }
  return repetitions * TILE_ROWS * 2 * LANES * LANE_PRODUCTS;
}
