// Vector operations of AVX-512 and AVX-512 BF16.

INLINE floats exp2_of(floats v) {
  const __m512 n = _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  return _mm512_scalef_ps(exp2_of_fraction(v - (floats)n), n);
}

INLINE halves rounded(floats v) { return (halves)_mm512_cvtneps_pbh((__m512)v); }
