#include "scimult_clock.h"

void scimult_add_in_turn(size_t count) {
  size_t sum = 0;
  // Not a constant, because newer CPUs add small constants without spending a cycle.
  size_t step = 1;
  __asm__ volatile("" : "+r"(step));
  for (size_t i = 0; i < count; i += 8) {
#pragma clang loop unroll(full)
    for (size_t turn = 0; turn < 8; turn++) {
      sum += step;
      __asm__ volatile("" : "+r"(sum));
    }
  }
}
