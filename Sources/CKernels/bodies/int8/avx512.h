// Vector operations of AVX-512 and AVX-512 VNNI.

INLINE floats exp2_of(floats v) {
  const __m512 n = _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  return _mm512_scalef_ps(exp2_of_fraction(v - (floats)n), n);
}

typedef __m512i sums;
typedef __m512i activations;
typedef __m512i weights;

INLINE sums start(ints v) { return (sums)v; }
INLINE ints finish(sums v) { return (ints)v; }
INLINE weights load_weights(const int8_t *w) { return _mm512_loadu_si512(w); }
INLINE sums dot(sums total, activations x, weights w) { return _mm512_dpbusd_epi32(total, x, w); }
INLINE activations load_activations(const uint8_t *x) {
  int32_t four;
  memcpy(&four, x, sizeof four);
  return _mm512_set1_epi32(four);
}
