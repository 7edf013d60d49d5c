// Reductions in 16 interleaved partial results, which a compiler may keep in one vector register. The code fixes the
// order of the operations, so it is the same in every set of kernels.
#define LANES 16

static inline float KERNEL(sum)(size_t count, const float *x) {
  float partial[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t lane = 0; lane < LANES; lane++) partial[lane] += x[i + lane];
  }
  for (size_t lane = 0; i < count; i++, lane++) partial[lane] += x[i];
  for (size_t half = LANES / 2; half > 0; half /= 2) {
    for (size_t lane = 0; lane < half; lane++) partial[lane] += partial[lane + half];
  }
  return partial[0];
}

static inline float KERNEL(maximum)(size_t count, const float *x) {
  float partial[LANES];
  for (size_t lane = 0; lane < LANES; lane++) partial[lane] = x[0];
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t lane = 0; lane < LANES; lane++)
      partial[lane] = x[i + lane] > partial[lane] ? x[i + lane] : partial[lane];
  }
  for (size_t lane = 0; i < count; i++, lane++) partial[lane] = x[i] > partial[lane] ? x[i] : partial[lane];
  float largest = partial[0];
  for (size_t lane = 1; lane < LANES; lane++) largest = partial[lane] > largest ? partial[lane] : largest;
  return largest;
}

static float KERNEL(dot)(size_t count, const float *a, const float *b) {
  float partial[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t lane = 0; lane < LANES; lane++) partial[lane] += a[i + lane] * b[i + lane];
  }
  for (size_t lane = 0; i < count; i++, lane++) partial[lane] += a[i] * b[i];
  for (size_t half = LANES / 2; half > 0; half /= 2) {
    for (size_t lane = 0; lane < half; lane++) partial[lane] += partial[lane + half];
  }
  return partial[0];
}

// The exponent bits of infinities and NaNs are all ones. Integer arithmetic lets the loop vectorise.
static int KERNEL(all_finite)(size_t count, const float *x) {
  uint32_t any = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, sizeof bits);
    any |= (bits & 0x7f800000u) == 0x7f800000u;
  }
  return any == 0;
}

#undef LANES
