// v / 2 · (1 + tanh(u)) is v · σ(2u). Of the two forms of σ, the code uses the one whose exponent is not positive.
static void KERNEL(gelu_tanh)(size_t rows, size_t columns, float *x, size_t stride) {
  const float twice_sqrt_2_over_pi = 1.59576912160573077f;
  for (size_t r = 0; r < rows; r++) {
    float *row = x + r * stride;
    for (size_t c = 0; c < columns; c++) {
      const float v = row[c];
      const float u = twice_sqrt_2_over_pi * (v + 0.044715f * v * v * v);
      const float e = KERNEL(exp_nonpositive)(u < 0.0f ? u : -u);
      row[c] = v * (u < 0.0f ? e : 1.0f) / (1.0f + e);
    }
  }
}
