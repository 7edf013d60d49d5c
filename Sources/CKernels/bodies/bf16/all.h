// Every bf16 operation once. The including file is the set: KERNEL(name) gives the table the set's name; LANES,
// TILE_ROWS and TILES fit its registers, and it defines
//
//   sums                     LANES fp32 sums
//   sums start(floats)       sums that begin at given values
//   floats finish(sums)
//   activations load_activations(const uint8_t *x)     a pair of bf16, for every lane
//   weights load_weights(const int8_t *w)              a pair of bf16 of each lane
//   sums dot(sums, activations, weights)               lane += Σ of its two products
//   halves rounded(floats)                             LANES bf16
//
// over the vector types of vectors.h. No include guard.
#include "../int8/tile.h"
// It uses the tile.
#include "linear.h"

const scimult_bf16_kernels KERNEL(scimult_bf16_kernels) = {
    .packed_size = packed_size,
    .pack = pack,
    .linear = linear,
};
