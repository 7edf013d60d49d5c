// Products of registers with registers, as many sums at once as a tile has: what the instruction set can do at best.
static size_t exercise(size_t repetitions) {
  static volatile uint8_t some[4] = {1, 2, 3, 4};
  uint8_t x[4];
  int8_t w[4 * LANES];
  for (size_t i = 0; i < 4; i++) x[i] = some[i];
  for (size_t i = 0; i < 4 * LANES; i++) w[i] = (int8_t)some[i % 4];
  const activations four = load_activations(x);
  const weights columns = load_weights(w);
  sums total[TILE_ROWS];
  UNROLL for (size_t r = 0; r < TILE_ROWS; r++) total[r] = start((ints){0});
  for (size_t repetition = 0; repetition < repetitions; repetition++) {
    UNROLL for (size_t r = 0; r < TILE_ROWS; r++) {
      total[r] = dot(total[r], four, columns);
      // Keeps the sums from being computed by one multiplication.
      __asm__ volatile("" : "+r"(repetition));
    }
  }
  // Keeps the products from being left out.
  static volatile int32_t kept[TILE_ROWS];
  for (size_t r = 0; r < TILE_ROWS; r++) kept[r] = finish(total[r])[0];
  return repetitions * TILE_ROWS * LANES * 4;
}
