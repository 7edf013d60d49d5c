// Measures the peak of the instruction set: the products of a tile, repeated, from rows in the first-level cache and
// weights in registers.
static size_t KERNEL(exercise)(size_t repetitions) {
  float x[TILE_ROWS] = {0.0f};
  float w[2 * VECTOR_FLOATS] = {0.0f};
  // Hides from the compiler that all weights are equal and that all repetitions use the same rows.
  const float *weights = w;
  const float *rows = x;
  __asm__ volatile("" : "+r"(weights) : : "memory");
  const KERNEL(vector) weight_low = *(const KERNEL(vector) *)weights;
  const KERNEL(vector) weight_high = *(const KERNEL(vector) *)(weights + VECTOR_FLOATS);
  KERNEL(vector) low[TILE_ROWS] = {0};
  KERNEL(vector) high[TILE_ROWS] = {0};
  for (size_t repetition = 0; repetition < repetitions; repetition++) {
    __asm__ volatile("" : "+r"(rows) : : "memory");
#pragma clang loop unroll(full)
    for (size_t r = 0; r < TILE_ROWS; r++) {
      low[r] += rows[r] * weight_low;
      high[r] += rows[r] * weight_high;
    }
  }
  // Prevents the compiler from removing the products.
  static volatile float kept;
#pragma clang loop unroll(full)
  for (size_t r = 0; r < TILE_ROWS; r++) {
    kept = low[r][0];
    kept = high[r][0];
  }
  return repetitions * TILE_ROWS * 2 * VECTOR_FLOATS;
}
