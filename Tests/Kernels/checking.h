// Common parts of the kernels' tests: numbers, memory, and the report of an incorrect kernel.
#ifndef CHECKING_H
#define CHECKING_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EACH(index, list) for (size_t index = 0; index < sizeof(list) / sizeof((list)[0]); index++)

static uint64_t state = 42;

// SplitMix64.
static inline uint64_t random_bits(void) {
  uint64_t mixed = state += 0x9e3779b97f4a7c15u;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  return mixed ^ (mixed >> 31);
}

static inline float random_float(void) { return (float)(random_bits() >> 40) / (float)(1 << 23) - 1.0f; }

static inline float *random_floats(size_t count) {
  float *x = malloc(count * sizeof *x);
  for (size_t i = 0; i < count; i++) x[i] = random_float();
  return x;
}

static inline void *zeros(size_t size) {
  void *block = aligned_alloc(64, (size + 63) / 64 * 64);
  memset(block, 0, (size + 63) / 64 * 64);
  return block;
}

static inline void expect(int holds, const char *set, const char *operation, size_t a, size_t b, size_t c) {
  if (holds)
    return;
  fprintf(stderr, "kernels_check: %s: %s is wrong at %zu, %zu, %zu\n", set, operation, a, b, c);
  exit(1);
}

static inline int near(const float *x, const float *y, size_t count, float tolerance) {
  for (size_t i = 0; i < count; i++) {
    if (!(fabsf(x[i] - y[i]) <= tolerance * fmaxf(1.0f, fabsf(y[i]))))
      return 0;
  }
  return 1;
}

#endif
