// Vectors of LANES 32-bit lanes, and their operations for the float arithmetic around the products.
typedef float floats __attribute__((ext_vector_type(LANES)));
typedef int32_t ints __attribute__((ext_vector_type(LANES)));
typedef uint32_t unsigned_ints __attribute__((ext_vector_type(LANES)));
typedef uint8_t bytes __attribute__((ext_vector_type(LANES)));
typedef float unaligned_floats __attribute__((ext_vector_type(LANES), aligned(4)));
typedef int32_t unaligned_ints __attribute__((ext_vector_type(LANES), aligned(4)));
typedef uint8_t unaligned_bytes __attribute__((ext_vector_type(LANES), aligned(1)));

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE floats load(const float *x) { return *(const unaligned_floats *)x; }
INLINE void store(float *x, floats v) { *(unaligned_floats *)x = v; }
INLINE floats all(float x) { return x - (floats){0}; }
INLINE floats to_floats(ints v) { return __builtin_convertvector(v, floats); }
// One instruction each. The elementwise builtins take more, because they handle NaN.
INLINE floats smaller(floats a, floats b) { return a < b ? a : b; }
INLINE floats larger(floats a, floats b) { return a > b ? a : b; }

// Swaps neighbouring lanes: 1, 0, 3, 2, …
#if LANES == 4
INLINE floats neighbours(floats v) { return __builtin_shufflevector(v, v, 1, 0, 3, 2); }
#elif LANES == 8
INLINE floats neighbours(floats v) { return __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6); }
#else
INLINE floats neighbours(floats v) {
  return __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
}
#endif

// Adding 1.5 · 2^23 rounds a value below 2^22 to the nearest integer, which is then in the low bits.
#define ROUNDING 12582912.0f

// The nearest integer to v · steps + middle, in the low bits of each lane. `middle` is an integer.
INLINE ints nearest(floats v, float steps, float middle) { return (ints)(v * steps + (ROUNDING + middle)); }

// Stores the lowest byte of each lane.
INLINE void store_bytes(uint8_t *q, ints v) { *(unaligned_bytes *)q = __builtin_convertvector(v, bytes); }

// The same for several vectors in one store, where that takes fewer instructions.
#if LANES == 8
#define STORED_VECTORS 4
INLINE void store_vectors(uint8_t *q, const ints v[STORED_VECTORS]) {
  typedef int32_t many_ints __attribute__((ext_vector_type(STORED_VECTORS * LANES)));
  typedef uint8_t many_bytes __attribute__((ext_vector_type(STORED_VECTORS * LANES), aligned(1)));
  many_ints all;
  memcpy(&all, v, sizeof all);
  *(many_bytes *)q = __builtin_convertvector(all, many_bytes);
}
#else
#define STORED_VECTORS 1
INLINE void store_vectors(uint8_t *q, const ints v[STORED_VECTORS]) { store_bytes(q, v[0]); }
#endif

INLINE uint8_t nearest_byte(float x) {
  const float shifted = x + ROUNDING;
  uint8_t low;
  memcpy(&low, &shifted, sizeof low);
  return low;
}

// Reductions by halves. The order of operations is the same at every call that is inlined.
#define PLUS(a, b) ((a) + (b))
#define LARGER(a, b) ((a) > (b) ? (a) : (b))
#define REDUCE_FOUR(v, op)                                                                                             \
  const four_floats pairs = __builtin_shufflevector(v, v, 2, 3, 2, 3);                                                 \
  const four_floats two = op(v, pairs);                                                                                \
  return op(two[0], two[1]);
typedef float four_floats __attribute__((ext_vector_type(4)));

INLINE float sum_of_four(four_floats v){REDUCE_FOUR(v, PLUS)} INLINE
    float largest_of_four(four_floats v){REDUCE_FOUR(v, LARGER)}

#if LANES == 4
INLINE float sum_of(floats v) {
  return sum_of_four(v);
}
INLINE float largest_of(floats v) { return largest_of_four(v); }
#else
#define REDUCE_EIGHT(v, op, then)                                                                                      \
  const four_floats low = __builtin_shufflevector(v, v, 0, 1, 2, 3);                                                   \
  const four_floats high = __builtin_shufflevector(v, v, 4, 5, 6, 7);                                                  \
  return then(op(low, high));
typedef float eight_floats __attribute__((ext_vector_type(8)));

INLINE float sum_of_eight(eight_floats v){REDUCE_EIGHT(v, PLUS, sum_of_four)} INLINE
    float largest_of_eight(eight_floats v){REDUCE_EIGHT(v, LARGER, largest_of_four)}

#if LANES == 8
INLINE float sum_of(floats v) {
  return sum_of_eight(v);
}
INLINE float largest_of(floats v) { return largest_of_eight(v); }
#else
#define REDUCE_SIXTEEN(v, op, then)                                                                                    \
  const eight_floats low = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7);                                      \
  const eight_floats high = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);                               \
  return then(op(low, high));

INLINE float sum_of(floats v){REDUCE_SIXTEEN(v, PLUS, sum_of_eight)} INLINE float largest_of(floats v) {
  REDUCE_SIXTEEN(v, LARGER, largest_of_eight)
}
#endif
#endif

// 2^f for −½ ≤ f ≤ ½, within 8e-5: the minimax cubic.
INLINE floats exp2_of_fraction(floats f) {
  return ((5.517095383e-02f * f + 2.426105273e-01f) * f + 6.932610332e-01f) * f + 9.999281128e-01f;
}

// 2^v for v < 127, but at least 2^−100. Computed as 2^n · 2^f, where n is the nearest integer.
#ifndef HAS_EXP2
INLINE floats exp2_of(floats v) {
  const floats bounded = larger(v, all(-100.0f));
  const floats shifted = bounded + ROUNDING;
  return (floats)((ints)exp2_of_fraction(bounded - (shifted - ROUNDING)) + ((ints)shifted << 23));
}
#else
static inline floats exp2_of(floats v);
#endif

// v · Φ(v), where Φ − ½ is an odd minimax polynomial (error 2e-4) on [−3.9, 3.9], and constant beyond. The bounds are
// applied by comparing bits, which every execution unit can do, because the products keep the float units busy.
INLINE floats gelu_of(floats v) {
  const ints high = (ints)all(3.9f);
  const ints low = (ints)all(-3.9f);
  const ints upper = (ints)v < high ? (ints)v : high;
  const floats x = (floats)((unsigned_ints)upper < (unsigned_ints)low ? upper : low);
  const floats z = x * x;
  floats p = 2.62688290e-08f * z - 1.77036790e-06f;
  p = p * z + 5.12349060e-05f;
  p = p * z - 8.44490513e-04f;
  p = p * z + 8.91368974e-03f;
  p = p * z - 6.48692763e-02f;
  p = p * z + 3.98085472e-01f;
  return v * (p * x + 0.5f);
}
