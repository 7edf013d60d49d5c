#include <math.h>

#include "scimult_kernels.h"

// Sums in double: the rows of a trained model hold outliers a hundred times the rest.
void scimult_layer_norm__scalar(size_t rows, size_t columns, float *x, size_t stride, const float *gamma,
                                const float *beta, float epsilon) {
  for (size_t r = 0; r < rows; r++) {
    float *row = x + r * stride;
    double sum = 0.0;
    for (size_t c = 0; c < columns; c++) sum += row[c];
    const double mean = sum / (double)columns;
    double squares = 0.0;
    for (size_t c = 0; c < columns; c++) {
      const double d = row[c] - mean;
      squares += d * d;
    }
    const float inverse = (float)(1.0 / sqrt(squares / (double)columns + (double)epsilon));
    const float center = (float)mean;
    for (size_t c = 0; c < columns; c++) row[c] = (row[c] - center) * inverse * gamma[c] + beta[c];
  }
}
