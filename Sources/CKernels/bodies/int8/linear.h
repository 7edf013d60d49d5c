// Linear layers. The outputs are divided into panels, as wide as a tile; a panel is
//   float scale[PANEL], offset[PANEL] (scale · Σ q), bias[PANEL]; the weights, in groups of four inputs
// A panel stays in the first-level cache for all tiles of rows.
INLINE size_t groups_of(size_t inputs) { return (inputs + 3) / 4; }

#ifdef ADDS_IN_16_BITS
#include "paired_groups.h"
#else
#include "straight_groups.h"
#endif

#define PANEL_HEAD (3 * PANEL * sizeof(float))

INLINE size_t panel_size(size_t inputs) { return PANEL_HEAD + weights_size(inputs); }
INLINE int8_t *weights_of(const uint8_t *panel) { return (int8_t *)(uintptr_t)(panel + PANEL_HEAD); }

static size_t packed_size(size_t outputs, size_t inputs) { return (outputs + PANEL - 1) / PANEL * panel_size(inputs); }

static int pack(size_t outputs, size_t inputs, const float *weight, const float *scales, const float *bias,
                void *packed) {
  memset(packed, 0, packed_size(outputs, inputs));
  for (size_t output = 0; output < outputs; output++) {
    uint8_t *panel = (uint8_t *)packed + output / PANEL * panel_size(inputs);
    const size_t column = output % PANEL;
    const float *row = weight + output * inputs;
    int8_t *columns = weights_of(panel) + 4 * column;
    int32_t sum = 0;
    for (size_t input = 0; input < inputs; input++) {
      const int8_t q = weight_of(row[input], scales[output]);
      columns[input / 4 * PANEL * 4 + input % 4] = q;
      sum += q;
    }
    float *head = (float *)(void *)panel + column;
    head[0] = scales[output];
    head[PANEL] = scales[output] * (float)sum;
    head[2 * PANEL] = bias[output];
  }
  int is_exact = 1;
  for (size_t first = 0; first < outputs && is_exact; first += PANEL) {
    is_exact = arrange_weights(inputs, weights_of((uint8_t *)packed + first / PANEL * panel_size(inputs)));
  }
  return is_exact;
}

typedef enum { PLAIN, UNBIASED, ADD, GELU } epilogue;

// Scales a tile's sums and applies the epilogue.
INLINE void finish_tile(const epilogue then, const size_t rows, sums (*total)[TILE_VECTORS],
                        const scimult_row_scale *scales, const uint8_t *panel, float *y, size_t y_stride,
                        size_t columns) {
  const float *head = (const float *)(const void *)panel;
  UNROLL for (size_t v = 0; v < TILE_VECTORS; v++) {
    const floats scale = load(head + v * LANES);
    const floats offset = load(head + PANEL + v * LANES);
    const floats bias = then == UNBIASED ? (floats){0} : load(head + 2 * PANEL + v * LANES);
    UNROLL for (size_t r = 0; r < rows; r++) {
      floats value = to_floats(finish(total[r][v])) * scale * scales[r].scale + (offset * scales[r].offset + bias);
      if (then == GELU)
        value = gelu_of(value);
      float *target = y + r * y_stride + v * LANES;
      if (columns == PANEL) {
        store(target, then == ADD ? value + load(target) : value);
      } else {
        for (size_t lane = 0; lane < LANES && v * LANES + lane < columns; lane++) {
          target[lane] = then == ADD ? value[lane] + target[lane] : value[lane];
        }
      }
    }
  }
}

#ifdef HAS_MATRIX_TILES
#include "linear_tiles.h"
#else
#include "linear_registers.h"
#endif

static void linear(size_t rows, size_t outputs, size_t inputs, const uint8_t *x, size_t x_stride,
                   const scimult_row_scale *scales, const void *packed, float *y, size_t y_stride) {
  linear_panels(PLAIN, rows, outputs, inputs, x, x_stride, scales, packed, y, y_stride);
}

static void linear_unbiased(size_t rows, size_t outputs, size_t inputs, const uint8_t *x, size_t x_stride,
                            const scimult_row_scale *scales, const void *packed, float *y, size_t y_stride) {
  linear_panels(UNBIASED, rows, outputs, inputs, x, x_stride, scales, packed, y, y_stride);
}

static void linear_add(size_t rows, size_t outputs, size_t inputs, const uint8_t *x, size_t x_stride,
                       const scimult_row_scale *scales, const void *packed, float *y, size_t y_stride) {
  linear_panels(ADD, rows, outputs, inputs, x, x_stride, scales, packed, y, y_stride);
}

static void linear_gelu(size_t rows, size_t outputs, size_t inputs, const uint8_t *x, size_t x_stride,
                        const scimult_row_scale *scales, const void *packed, float *y, size_t y_stride) {
  linear_panels(GELU, rows, outputs, inputs, x, x_stride, scales, packed, y, y_stride);
}
