// Every bf16 operation. The including file defines the set: KERNEL(name) adds the set's name to the table. With the
// vector types of vectors.h and halves.h, the file defines
//
//   halves rounded(floats)                             the nearest bf16
//   floats exp2_of(floats)
//
// A set with HAS_MATRIX_TILES multiplies in tile registers. Other sets define LANES, TILE_ROWS and TILES, which fit
// their registers, and
//
//   sums                     LANES fp32 sums
//   sums start(floats)       sums with the given initial values
//   floats finish(sums)
//   activations load_activations(const uint8_t *x)     one pair of bf16, in every lane
//   weights load_weights(const int8_t *w)              a pair of bf16 for each lane
//   sums dot(sums, activations, weights)               lane += Σ of its two products
//
// This file has no include guard, because each set includes it.
#ifdef HAS_MATRIX_TILES
#include "product_tiles.h"
#else
#include "product_registers.h"
// Uses the definitions of the set.
#define LANE_PRODUCTS 2
#include "../int8/peak.h"
#endif
// These use products and rows.
#include "linear.h"
#include "rows.h"
// Attention uses functions of all of these.
#include "attention.h"

const scimult_bf16_kernels KERNEL(scimult_bf16_kernels) = {
    .packed_size = packed_size,
    .pack = pack,
    .round = round_rows,
    .normalize = normalize,
    .linear = linear,
    .linear_add = linear_add,
    .linear_rounded = linear_rounded,
    .linear_gelu = linear_gelu,
    .heads_size = heads_size,
    .query_size = query_size,
    .split_heads = split_heads,
    .attend = attend,
    .workspace_size = workspace_size,
    .exercise = exercise,
};
