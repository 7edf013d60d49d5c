// Compares every set of kernels for this CPU with integer arithmetic and with the scalar set, for awkward shapes. It is
// a separate program, so that it can also run without Swift: cross-compiled, under an emulator.
//
// Usage: kernels_check SET…    Exactly the sets that this CPU must have.
#include "bf16_check.h"
#include "checking.h"
#include "scimult_int8.h"

static const char *const names[] = {
    [SCIMULT_ISA_SCALAR] = "scalar",         [SCIMULT_ISA_AVX2] = "avx2", [SCIMULT_ISA_AVXVNNI] = "avxvnni",
    [SCIMULT_ISA_AVX512VNNI] = "avx512vnni", [SCIMULT_ISA_AMX] = "amx",   [SCIMULT_ISA_NEON] = "neon",
    [SCIMULT_ISA_NEONDOT] = "neondot",       [SCIMULT_ISA_I8MM] = "i8mm"};
enum { SETS = sizeof names / sizeof names[0] };

static const size_t row_counts[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 29, 33, 70};
static const size_t output_counts[] = {1, 3, 8, 16, 31, 33, 70};
static const size_t input_counts[] = {1, 2, 3, 4, 5, 31, 48, 100, 257};

static void check_floats(const char *set, const scimult_kernels *kernels, const scimult_kernels *scalar, size_t rows,
                         size_t outputs, size_t inputs) {
  float *x = random_floats(rows * inputs);
  float *weight = random_floats(outputs * inputs);
  float *bias = random_floats(outputs);
  float *y = zeros(rows * outputs * sizeof *y);
  float *right = zeros(rows * outputs * sizeof *y);
  float *packed = zeros(kernels->packed_count(outputs, inputs) * sizeof *packed);
  float *scalar_packed = zeros(scalar->packed_count(outputs, inputs) * sizeof *packed);
  kernels->pack(outputs, inputs, weight, inputs, 1, bias, packed);
  scalar->pack(outputs, inputs, weight, inputs, 1, bias, scalar_packed);
  kernels->linear(rows, outputs, inputs, x, inputs, packed, y, outputs);
  scalar->linear(rows, outputs, inputs, x, inputs, scalar_packed, right, outputs);
  expect(near(y, right, rows * outputs, 1e-5f), set, "linear in fp32", rows, outputs, inputs);
  kernels->gelu(rows, inputs, x, inputs);
  kernels->relu(rows, inputs, x, inputs);
  kernels->layer_norm(rows, inputs, x, inputs, weight, weight, 1e-5f);
  kernels->softmax(rows, outputs, y, outputs, 0.3f);
  scalar->softmax(rows, outputs, right, outputs, 0.3f);
  expect(near(y, right, rows * outputs, 1e-5f), set, "softmax in fp32", rows, outputs, inputs);
  kernels->gelu_tanh(rows, outputs, y, outputs);
  scalar->gelu_tanh(rows, outputs, right, outputs);
  expect(near(y, right, rows * outputs, 1e-5f), set, "GELU by tanh in fp32", rows, outputs, inputs);
  free(x), free(weight), free(bias), free(y), free(right), free(packed), free(scalar_packed);
}

// Products of integers below 2^24 are exact in fp32, and so is one multiplication by their scale.
static void check_sums(const char *set, const scimult_int8_kernels *kernels, size_t rows, size_t outputs, size_t inputs,
                       int extreme) {
  const size_t stride = (inputs + 3) / 4 * 4;
  uint8_t *x = zeros(rows * stride);
  float *weight = zeros(outputs * inputs * sizeof *weight);
  float *bias = zeros(outputs * sizeof *bias);
  float *weight_scales = zeros(outputs * sizeof *weight_scales);
  scimult_row_scale *scales = zeros(rows * sizeof *scales);
  float *y = zeros(rows * outputs * sizeof *y);
  void *packed = zeros(kernels->packed_size(outputs, inputs));
  // The padding of a row may contain any values.
  for (size_t i = 0; i < rows * stride; i++) x[i] = extreme ? 255 : (uint8_t)random_bits();
  for (size_t r = 0; r < rows; r++) scales[r].scale = 1.0f;
  for (size_t o = 0; o < outputs; o++) {
    for (size_t i = 0; i < inputs; i++) {
      const int random = (int)(random_bits() % 255) - 127;
      weight[o * inputs + i] = (float)(extreme ? (o % 2 ? -127 : 127) : i == 0 ? 127 : random);
    }
  }
  kernels->weight_scales(outputs, inputs, weight, weight_scales);
  expect(kernels->pack(outputs, inputs, weight, weight_scales, bias, packed), set, "packing", rows, outputs, inputs);
  kernels->linear(rows, outputs, inputs, x, stride, scales, packed, y, outputs);
  for (size_t r = 0; r < rows; r++) {
    for (size_t o = 0; o < outputs; o++) {
      int32_t sum = 0;
      for (size_t i = 0; i < inputs; i++) {
        sum += x[r * stride + i] * (int32_t)rintf(weight[o * inputs + i] / weight_scales[o]);
      }
      expect(y[r * outputs + o] == (float)sum * weight_scales[o], set, extreme ? "an extreme sum" : "a sum", r, o,
             inputs);
    }
  }
  free(x), free(weight), free(bias), free(weight_scales), free(scales), free(y), free(packed);
}

typedef struct {
  uint8_t *q;
  scimult_row_scale *scales;
  float *normal;
  float *y[3];
} int8_results;

static int8_results int8_layer(const scimult_int8_kernels *kernels, size_t rows, size_t outputs, size_t inputs,
                               const float *x, const float *weight, const float *bias) {
  const size_t stride = (inputs + 3) / 4 * 4;
  int8_results results = {.q = zeros(rows * stride),
                          .scales = zeros(rows * sizeof(scimult_row_scale)),
                          .normal = zeros(rows * inputs * sizeof(float))};
  memcpy(results.normal, x, rows * inputs * sizeof(float));
  void *packed = zeros(kernels->packed_size(outputs, inputs));
  float *weight_scales = zeros(outputs * sizeof *weight_scales);
  kernels->weight_scales(outputs, inputs, weight, weight_scales);
  kernels->pack(outputs, inputs, weight, weight_scales, bias, packed);
  kernels->normalize(rows, inputs, results.normal, inputs, weight, weight, 1e-5f, results.q, stride, results.scales);
  kernels->quantize(rows, inputs, x, inputs, results.q, stride, results.scales);
  for (int i = 0; i < 3; i++) results.y[i] = zeros(rows * outputs * sizeof(float));
  kernels->linear(rows, outputs, inputs, results.q, stride, results.scales, packed, results.y[0], outputs);
  kernels->linear_add(rows, outputs, inputs, results.q, stride, results.scales, packed, results.y[1], outputs);
  kernels->linear_gelu(rows, outputs, inputs, results.q, stride, results.scales, packed, results.y[2], outputs);
  free(packed), free(weight_scales);
  return results;
}

static void release(int8_results results) {
  free(results.q), free(results.scales), free(results.normal);
  for (int i = 0; i < 3; i++) free(results.y[i]);
}

// Rounding may differ, and change a quantised value by one.
static void check_int8(const char *set, const scimult_int8_kernels *kernels, const scimult_int8_kernels *scalar,
                       size_t rows, size_t outputs, size_t inputs) {
  float *x = random_floats(rows * inputs);
  float *weight = random_floats(outputs * inputs);
  float *bias = random_floats(outputs > inputs ? outputs : inputs);
  const int8_results is = int8_layer(kernels, rows, outputs, inputs, x, weight, bias);
  const int8_results right = int8_layer(scalar, rows, outputs, inputs, x, weight, bias);
  for (size_t i = 0; i < rows * ((inputs + 3) / 4 * 4); i++) {
    expect(abs(is.q[i] - right.q[i]) <= 1, set, "quantize", rows, inputs, i);
  }
  expect(near(is.normal, right.normal, rows * inputs, 1e-4f), set, "normalize", rows, inputs, 0);
  for (int i = 0; i < 3; i++) {
    expect(near(is.y[i], right.y[i], rows * outputs, 0.02f), set, "a linear layer", rows, outputs, inputs);
  }
  release(is), release(right);
  free(x), free(weight), free(bias);
}

static float *attention(const scimult_int8_kernels *kernels, scimult_heads heads, const float *qkv) {
  const size_t width = heads.heads * heads.head_size;
  uint8_t *queries = zeros(heads.length * kernels->query_size(heads));
  float *query_scales = zeros(heads.length * heads.heads * sizeof(float));
  uint8_t *blocks = zeros(kernels->heads_size(heads));
  void *workspace = zeros(kernels->workspace_size(heads));
  float *context = zeros(heads.length * width * sizeof(float));
  kernels->split_heads(heads, 0, heads.length, qkv, 3 * width, queries, query_scales, blocks);
  kernels->attend(heads, 0, heads.heads, heads.length, queries, query_scales, blocks, context, width, workspace);
  free(queries), free(query_scales), free(blocks), free(workspace);
  return context;
}

static void check_attention(const char *set, const scimult_int8_kernels *kernels, const scimult_int8_kernels *scalar,
                            scimult_heads heads) {
  const size_t width = heads.heads * heads.head_size;
  float *qkv = random_floats(heads.length * 3 * width);
  float *is = attention(kernels, heads, qkv);
  float *right = attention(scalar, heads, qkv);
  expect(near(is, right, heads.length * width, 0.02f), set, "attention", heads.length, heads.heads, heads.head_size);
  free(qkv), free(is), free(right);
}

static void check_set(scimult_isa isa) {
  const char *set = names[isa];
  const scimult_int8_kernels *kernels = scimult_int8_kernels_for(isa);
  const scimult_int8_kernels *scalar = scimult_int8_kernels_for(SCIMULT_ISA_SCALAR);
  EACH(r, row_counts) EACH(o, output_counts) EACH(i, input_counts) {
    const size_t rows = row_counts[r], outputs = output_counts[o], inputs = input_counts[i];
    check_sums(set, kernels, rows, outputs, inputs, 0);
    check_sums(set, kernels, rows, outputs, inputs, 1);
    check_int8(set, kernels, scalar, rows, outputs, inputs);
    check_floats(set, scimult_kernels_for(isa), scimult_kernels_for(SCIMULT_ISA_SCALAR), rows, outputs, inputs);
  }
  static const size_t lengths[] = {1, 3, 4, 15, 16, 17, 33, 70};
  static const size_t head_sizes[] = {1, 4, 8, 25, 32, 64};
  EACH(l, lengths) EACH(s, head_sizes) {
    check_attention(set, kernels, scalar, (scimult_heads){lengths[l], 3, head_sizes[s]});
  }
  if (scimult_bf16_kernels_for(isa) != NULL)
    check_bf16(set, scimult_bf16_kernels_for(isa));
  printf("kernels_check: %s holds\n", set);
}

static int is_among(const char *name, int count, char **list) {
  for (int i = 0; i < count; i++) {
    if (strcmp(list[i], name) == 0)
      return 1;
  }
  return 0;
}

int main(int argc, char **argv) {
  for (scimult_isa isa = 0; isa < SETS; isa++) {
    const int available = scimult_kernels_for(isa) != NULL;
    if (available != is_among(names[isa], argc - 1, argv + 1)) {
      fprintf(stderr, "kernels_check: %s is %s\n", names[isa], available ? "there, unasked" : "missing");
      return 1;
    }
    const int has_bf16 = isa == SCIMULT_ISA_AVX512VNNI || isa == SCIMULT_ISA_AMX;
    if (available && (scimult_bf16_kernels_for(isa) != NULL) != has_bf16) {
      fprintf(stderr, "kernels_check: %s %s bf16\n", names[isa], has_bf16 ? "lacks" : "has");
      return 1;
    }
    if (available)
      check_set(isa);
  }
  return 0;
}
