#include "scimult_kernels.h"

float scimult_dot__scalar(size_t count, const float *a, const float *b) {
  float partial[8] = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (size_t lane = 0; lane < 8; lane++) partial[lane] += a[i + lane] * b[i + lane];
  }
  for (; i < count; i++) partial[i % 8] += a[i] * b[i];
  const float low = (partial[0] + partial[4]) + (partial[1] + partial[5]);
  const float high = (partial[2] + partial[6]) + (partial[3] + partial[7]);
  return low + high;
}
