static void KERNEL(relu)(size_t rows, size_t columns, float *x, size_t stride) {
  for (size_t r = 0; r < rows; r++) {
    float *row = x + r * stride;
    // Written so that NaN stays NaN.
    for (size_t c = 0; c < columns; c++) row[c] = row[c] < 0.0f ? 0.0f : row[c];
  }
}
