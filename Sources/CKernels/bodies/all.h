// Every fp32 operation, in portable C that a compiler vectorises. The including file defines the set: KERNEL(name) adds
// the set's name to each function; VECTOR_FLOATS, TILE_ROWS and TILES (TILE(1) … TILE(TILE_ROWS)) fit its registers.
// This file has no include guard, because each set includes it.
#include "exponential.h"
#include "gelu.h"
#include "linear.h"
#include "reduction.h"
#include "relu.h"
#include "residual.h"
// These use the operations above.
#include "gelu_tanh.h"
#include "layer_norm.h"
#include "peak.h"
#include "softmax.h"

const scimult_kernels KERNEL(scimult_kernels) = {
    .packed_count = KERNEL(packed_count),
    .pack = KERNEL(pack),
    .linear = KERNEL(linear),
    .add_residual = KERNEL(add_residual),
    .gelu = KERNEL(gelu),
    .gelu_tanh = KERNEL(gelu_tanh),
    .relu = KERNEL(relu),
    .layer_norm = KERNEL(layer_norm),
    .softmax = KERNEL(softmax),
    .all_finite = KERNEL(all_finite),
    .dot = KERNEL(dot),
    .exercise = KERNEL(exercise),
};
