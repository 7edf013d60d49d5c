static void KERNEL(add_residual)(size_t rows, size_t columns, float *x, size_t stride, const float *residual) {
  for (size_t r = 0; r < rows; r++) {
    float *row = x + r * stride;
    const float *other = residual + r * stride;
    for (size_t c = 0; c < columns; c++) row[c] += other[c];
  }
}
