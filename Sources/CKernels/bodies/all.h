// Every operation once, in portable C that a compiler vectorises: KERNEL(name) gives each function the name of the set
// that it is compiled for. No include guard: the including file is the set.
#include "bias.h"
#include "gelu.h"
#include "reduction.h"
// They use the reductions.
#include "layer_norm.h"
#include "softmax.h"

const scimult_kernels KERNEL(scimult_kernels) = {
    .add_bias = KERNEL(add_bias),
    .add_bias_residual = KERNEL(add_bias_residual),
    .bias_gelu = KERNEL(bias_gelu),
    .layer_norm = KERNEL(layer_norm),
    .softmax = KERNEL(softmax),
    .all_finite = KERNEL(all_finite),
    .dot = KERNEL(dot),
};
