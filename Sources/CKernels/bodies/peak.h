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
#pragma clang loop unroll(full)
  for (size_t r = 0; r < TILE_ROWS; r++) {
    const KERNEL(vector) kept[2] = {low[r], high[r]};
    __asm__ volatile("" : : "m"(kept));
  }
  return repetitions * TILE_ROWS * 2 * VECTOR_FLOATS;
}
