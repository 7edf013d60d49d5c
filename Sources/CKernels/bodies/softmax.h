static void KERNEL(softmax)(size_t rows, size_t columns, float *x, size_t stride, float scale) {
  for (size_t r = 0; r < rows; r++) {
    float *row = x + r * stride;
    const float maximum = KERNEL(maximum)(columns, row);
    for (size_t c = 0; c < columns; c++) row[c] = KERNEL(exp_nonpositive)((row[c] - maximum) * scale);
    const float inverse = 1.0f / KERNEL(sum)(columns, row);
    for (size_t c = 0; c < columns; c++) row[c] *= inverse;
  }
}
