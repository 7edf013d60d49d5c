// Products that are added in 16 bits.
//
// A set without an instruction for four products multiplies u8 by s8 and adds the products of two neighbours in a
// 16-bit word, which saturates beyond 2^15 − 1. A word's products are exact if its weights of one sign add up to at
// most 128, because 255 · 128 < 2^15. The scales of weights ensure this for all but a few pairs of neighbours of each
// output (weight_scales()). Each of these pairs is packed in two parts (paired_groups.h).
#define WORD_MAX 128

// The maximum number of pairs of one output with larger sums: one pair in 192. With it, the scale of nearly all outputs
// still maps their largest weight to 127.
#define LARGE_PAIRS_MAX 16
INLINE size_t large_pairs_max(size_t inputs) {
  const size_t pairs = inputs / 384;
  return pairs < 1 ? 1 : pairs > LARGE_PAIRS_MAX ? LARGE_PAIRS_MAX : pairs;
}
