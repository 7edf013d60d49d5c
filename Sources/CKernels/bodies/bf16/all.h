// Every bf16 operation once. The including file is the set: KERNEL(name) gives the table the set's name, and over the
// vector types of vectors.h and halves.h there are
//
//   halves rounded(floats)                             the nearest bf16
//   floats exp2_of(floats)
//
// A set with HAS_MATRIX_TILES multiplies in tile registers. Others define LANES, TILE_ROWS and TILES, which fit their
// registers, and
//
//   sums                     LANES fp32 sums
//   sums start(floats)       sums that begin at given values
//   floats finish(sums)
//   activations load_activations(const uint8_t *x)     a pair of bf16, for every lane
//   weights load_weights(const int8_t *w)              a pair of bf16 of each lane
//   sums dot(sums, activations, weights)               lane += Σ of its two products
//
// No include guard.
#ifdef HAS_MATRIX_TILES
#include "product_tiles.h"
#else
#include "product_registers.h"
// It uses what the set defines.
#define LANE_PRODUCTS 2
#include "../int8/peak.h"
#endif
// They use products and rows.
#include "linear.h"
#include "rows.h"
// Attention uses what they have.
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
