#include <string.h>

#include "scimult_kernels.h"

// The exponent bits of infinities and NaNs are all ones; integer arithmetic lets the loop vectorise.
int scimult_all_finite__scalar(size_t count, const float *x) {
  uint32_t any = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, sizeof bits);
    any |= (bits & 0x7f800000u) == 0x7f800000u;
  }
  return any == 0;
}
