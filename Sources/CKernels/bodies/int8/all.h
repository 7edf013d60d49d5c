// Every int8 operation. The including file defines the set: KERNEL(name) adds the set's name to the table; LANES is the
// number of 32-bit lanes in a vector; TILE_ROWS, TILES and TILE_VECTORS (2 if not defined) fit the set's registers.
// With the vector types of vectors.h, the file defines
//
//   sums                     LANES exact s32 sums, in the set's own form
//   sums start(ints)         sums with the given initial values
//   ints finish(sums)
//   activations load_activations(const uint8_t *x)     the same four u8 in every lane
//   weights load_weights(const int8_t *w)              four s8 for each lane
//   sums dot(sums, activations, weights)               lane += Σ of its four products, exact
//   ADDS_IN_16_BITS          if products are added in 16 bits before they are added in 32 (word_sums.h); then also
//   sums dot_two(sums, activations, weights, activations, weights)    lane += Σ of its eight products
//   BIAS                     the number that load_activations() subtracts from each u8, for a dot() of signed bytes;
//                            0 if not defined
//
// A set with HAS_MATRIX_TILES runs linear layers in tile registers instead. This file has no include guard, because
// each set includes it.
#ifndef BIAS
#define BIAS 0
#endif
#define LANE_PRODUCTS 4
#ifndef TILE_VECTORS
#define TILE_VECTORS 2
#endif
#define PANEL (TILE_VECTORS * LANES)
#include "tile.h"
#include "word_sums.h"
// Uses the bound of sums.
#include "weights.h"
#ifdef HAS_MATRIX_TILES
#include "matrix_tiles.h"
#else
#include "peak.h"
#endif
// Linear layers use the files above.
#include "linear.h"
#include "rows.h"
// Attention uses functions of linear layers and of rows.
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
