// AVX-512 BF16 emulated in C for CPUs without it, as documented in the Intel 64 and IA-32 Architectures Software
// Developer's Manual, volume 2.
#ifndef EMULATED_BF16_H
#define EMULATED_BF16_H

#include <stdint.h>
#include <string.h>

// Numbers below 2^-126 count as zero.
static inline float flushed(float x) { return x < 0x1p-126f && x > -0x1p-126f ? 0.0f : x; }

static inline float emulated_float(uint16_t bits) {
  const uint32_t wide = (uint32_t)bits << 16;
  float x;
  memcpy(&x, &wide, sizeof x);
  return flushed(x);
}

// The product of two bf16 numbers is exact, so adding it rounds only once.
static inline float emulated_fma(float sum, uint16_t a, uint16_t b) {
  return flushed(flushed(sum) + emulated_float(a) * emulated_float(b));
}

static inline __m256i emulate_cvtneps(__m512 values) {
  float x[16];
  uint16_t q[16];
  memcpy(x, &values, sizeof x);
  for (int lane = 0; lane < 16; lane++) {
    const float value = flushed(x[lane]);
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    q[lane] = (uint16_t)(value == value ? (bits + 0x7fff + (bits >> 16 & 1)) >> 16 : bits >> 16 | 0x40);
  }
  __m256i result;
  memcpy(&result, q, sizeof result);
  return result;
}

static inline __m512 emulate_dpbf16(__m512 sums, __m512i x, __m512i w) {
  float sum[16];
  uint16_t a[32], b[32];
  memcpy(sum, &sums, sizeof sum);
  memcpy(a, &x, sizeof a);
  memcpy(b, &w, sizeof b);
  for (int lane = 0; lane < 16; lane++) {
    sum[lane] = emulated_fma(sum[lane], a[2 * lane + 1], b[2 * lane + 1]);
    sum[lane] = emulated_fma(sum[lane], a[2 * lane], b[2 * lane]);
  }
  memcpy(&sums, sum, sizeof sums);
  return sums;
}

#define _mm512_cvtneps_pbh(x) ((__m256bh)emulate_cvtneps(x))
#define _mm512_dpbf16_ps(sums, x, w) emulate_dpbf16(sums, (__m512i)(x), (__m512i)(w))

#endif
