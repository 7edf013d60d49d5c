// Linear layers. The outputs are divided into panels of two vectors; a panel is
//   float bias[PANEL]; uint16_t weight[⌈inputs / 2⌉][PANEL][2]
// A product multiplies a tile of PRODUCT_ROWS rows by one panel. The epilogue of a tile runs during the products of the
// next tile.
#define PANEL_HEAD (PANEL * sizeof(float))

INLINE size_t panel_size(size_t inputs) { return PANEL_HEAD + pairs_of(inputs) * PANEL * PAIR; }

static size_t packed_size(size_t outputs, size_t inputs) { return (outputs + PANEL - 1) / PANEL * panel_size(inputs); }

static void pack(size_t outputs, size_t inputs, const float *weight, const float *bias, void *packed) {
  memset(packed, 0, packed_size(outputs, inputs));
  for (size_t output = 0; output < outputs; output++) {
    uint8_t *panel = (uint8_t *)packed + output / PANEL * panel_size(inputs);
    const size_t column = output % PANEL;
    ((float *)(void *)panel)[column] = bias[output];
    uint8_t *pairs = panel + PANEL_HEAD + column * PAIR;
    for (size_t first = 0; first < inputs; first += LANES) {
      const size_t count = inputs - first < LANES ? inputs - first : LANES;
      const halves q = rounded(load_some(weight + output * inputs + first, count));
      for (size_t i = 0; i < count; i += 2) {
        memcpy(pairs + (first + i) / 2 * PANEL * PAIR, (const uint16_t *)&q + i, PAIR);
      }
    }
  }
}

// The sums of a tile: total[r] = Σ x[r] · weight.
static void multiply_panel(size_t rows, size_t vectors, size_t inputs, const uint16_t *x, size_t x_stride,
                           const uint8_t *panel, float *total) {
  multiply(rows, vectors, pairs_of(inputs), x, x_stride,
           (weight_vectors){.first = panel + PANEL_HEAD, .step = PANEL * PAIR, .next = LANES * PAIR}, total, PANEL);
}

typedef enum { PLAIN, ADD, ROUNDED, GELU } epilogue;

// A tile that waits for its epilogue. The outputs are fp32 or bf16, depending on the epilogue.
typedef struct {
  size_t rows;
  size_t columns;
  const float *bias;
  uint8_t *y;
  // In bytes.
  size_t stride;
} pending_tile;

INLINE size_t output_size(const epilogue then) {
  return then == ROUNDED || then == GELU ? sizeof(uint16_t) : sizeof(float);
}

INLINE void finish_vector(const epilogue then, floats value, size_t count, uint8_t *y) {
  if (then == GELU)
    value = gelu_of(value);
  if (output_size(then) == sizeof(uint16_t)) {
    store_some_halves((uint16_t *)(void *)y, rounded(value), count);
  } else {
    float *target = (float *)(void *)y;
    store_some(target, then == ADD ? value + load_some(target, count) : value, count);
  }
}

INLINE void finish_rows(const epilogue then, const size_t rows, const size_t columns, const floats (*total)[2],
                        pending_tile tile) {
  UNROLL for (size_t v = 0; v < 2; v++) {
    if (v * LANES >= columns)
      return;
    const floats bias = load(tile.bias + v * LANES);
    UNROLL for (size_t r = 0; r < rows; r++) {
      finish_vector(then, total[r][v] + bias, columns - v * LANES,
                    tile.y + r * tile.stride + v * LANES * output_size(then));
    }
  }
}

// Handles four rows at a time, so that no row waits for the previous one.
INLINE void finish_columns(const epilogue then, const size_t columns, pending_tile tile, const floats (*total)[2]) {
  size_t r = 0;
  for (; r + 4 <= tile.rows; r += 4, tile.y += 4 * tile.stride) finish_rows(then, 4, columns, total + r, tile);
  for (; r < tile.rows; r++, tile.y += tile.stride) finish_rows(then, 1, columns, total + r, tile);
}

INLINE void finish_tile(const epilogue then, pending_tile tile, const floats (*total)[2]) {
  if (tile.columns == PANEL) {
    finish_columns(then, PANEL, tile, total);
  } else {
    finish_columns(then, tile.columns, tile, total);
  }
}

// Strides count elements.
INLINE void linear_panels(const epilogue then, size_t rows, size_t outputs, size_t inputs, const uint16_t *x,
                          size_t x_stride, const void *packed, void *y, size_t y_stride) {
  if (rows == 0)
    return;
  floats totals[2][PRODUCT_ROWS][2];
  size_t turn = 0;
  pending_tile pending = {0};
  const size_t tiles = (rows + PRODUCT_ROWS - 1) / PRODUCT_ROWS;
  const uint8_t *panel = packed;
  begin_products(rows, pairs_of(inputs));
  for (size_t first = 0; first < outputs; first += PANEL) {
    for (size_t tile = 0; tile < tiles; tile++) {
      const size_t row = tile_start(rows, tiles, tile);
      const pending_tile next = {.rows = tile_start(rows, tiles, tile + 1) - row,
                                 .columns = outputs - first < PANEL ? outputs - first : PANEL,
                                 .bias = (const float *)(const void *)panel,
                                 .y = (uint8_t *)y + (row * y_stride + first) * output_size(then),
                                 .stride = y_stride * output_size(then)};
      multiply_panel(next.rows, next.columns > LANES ? 2 : 1, inputs, x + row * x_stride, x_stride, panel,
                     (float *)totals[turn]);
      turn = 1 - turn;
      finish_tile(then, pending, (const floats(*)[2])totals[turn]);
      pending = next;
    }
    panel += panel_size(inputs);
  }
  end_products();
  finish_tile(then, pending, (const floats(*)[2])totals[1 - turn]);
}

static void linear(size_t rows, size_t outputs, size_t inputs, const uint16_t *x, size_t x_stride, const void *packed,
                   float *y, size_t y_stride) {
  linear_panels(PLAIN, rows, outputs, inputs, x, x_stride, packed, y, y_stride);
}

static void linear_add(size_t rows, size_t outputs, size_t inputs, const uint16_t *x, size_t x_stride,
                       const void *packed, float *y, size_t y_stride) {
  linear_panels(ADD, rows, outputs, inputs, x, x_stride, packed, y, y_stride);
}

static void linear_rounded(size_t rows, size_t outputs, size_t inputs, const uint16_t *x, size_t x_stride,
                           const void *packed, uint16_t *q, size_t q_stride) {
  linear_panels(ROUNDED, rows, outputs, inputs, x, x_stride, packed, q, q_stride);
}

static void linear_gelu(size_t rows, size_t outputs, size_t inputs, const uint16_t *x, size_t x_stride,
                        const void *packed, uint16_t *q, size_t q_stride) {
  linear_panels(GELU, rows, outputs, inputs, x, x_stride, packed, q, q_stride);
}
