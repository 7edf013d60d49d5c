// Every int8 operation once. The including file is the set: KERNEL(name) gives the table the set's name; LANES is the
// number of 32-bit lanes of a vector, TILE_ROWS and TILES fit its registers, and it defines
//
//   sums                     LANES exact s32 sums, in whatever form the set adds them up
//   sums start(ints)         sums that begin at given values
//   ints finish(sums)
//   activations load_activations(const uint8_t *x)     four u8, for every lane
//   weights load_weights(const int8_t *w)              four s8 of each lane
//   sums dot(sums, activations, weights)               lane += Σ of its four products, exact
//   ADDS_PAIRS_IN_16_BITS    where dot() adds the products of two neighbours in 16 bits (excess.h)
//   BIAS                     what load_activations() takes off each u8, for a dot() of signed bytes; 0 where it is not
//                            defined
//
// over the vector types of vectors.h. A set with HAS_MATRIX_TILES runs linear layers in tile registers
// instead. No include guard.
#ifndef BIAS
#define BIAS 0
#endif
#define LANE_PRODUCTS 4
#define PANEL (2 * LANES)
#include "excess.h"
#include "tile.h"
#include "weights.h"
#ifdef HAS_MATRIX_TILES
#include "matrix_tiles.h"
#else
#include "peak.h"
#endif
// Linear layers use them.
#include "linear.h"
#include "rows.h"
// Attention uses what linear layers and rows have.
#include "attention.h"

const scimult_int8_kernels KERNEL(scimult_int8_kernels) = {
    .quantize_weights = quantize_weights,
    .embed = embed,
    .quantize = quantize,
    .subtract_quantized = subtract_quantized,
    .normalize = normalize,
    .packed_size = packed_size,
    .weight_scales = weight_scales,
    .pack = pack,
    .linear = linear,
    .linear_unbiased = linear_unbiased,
    .linear_add = linear_add,
    .linear_gelu = linear_gelu,
    .heads_size = heads_size,
    .query_size = query_size,
    .split_heads = split_heads,
    .attend = attend,
    .workspace_size = workspace_size,
    .exercise = exercise,
};
