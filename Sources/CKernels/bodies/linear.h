// A linear layer with packed weights, tile by tile. A tile multiplies TILE_ROWS rows of input by a panel of two vectors
// of outputs. The sums stay in registers from the bias to the last input, so a row's result does not depend on the rows
// around it. Weights are packed once, at start, so a few rows are as fast as many. A BLAS packs at each call, and so
// must the products of attention.
#define PANEL_COLUMNS (2 * VECTOR_FLOATS)

typedef float KERNEL(vector) __attribute__((vector_size(VECTOR_FLOATS * sizeof(float)), aligned(sizeof(float))));

static size_t KERNEL(packed_count)(size_t outputs, size_t inputs) {
  return (outputs + PANEL_COLUMNS - 1) / PANEL_COLUMNS * PANEL_COLUMNS * (inputs + 1);
}

static void KERNEL(pack)(size_t outputs, size_t inputs, const float *weight, size_t output_stride, size_t input_stride,
                         const float *bias, float *packed) {
  for (size_t first = 0; first < outputs; first += PANEL_COLUMNS) {
    const size_t columns = outputs - first < PANEL_COLUMNS ? outputs - first : PANEL_COLUMNS;
    if (columns < PANEL_COLUMNS)
      memset(packed, 0, PANEL_COLUMNS * (inputs + 1) * sizeof *packed);
    for (size_t column = 0; column < columns; column++) packed[column] = bias == NULL ? 0.0f : bias[first + column];
    float *panel = packed + PANEL_COLUMNS;
    const float *source = weight + first * output_stride;
    if (output_stride == 1) {
      for (size_t input = 0; input < inputs; input++) {
        memcpy(panel + input * PANEL_COLUMNS, source + input * input_stride, columns * sizeof *panel);
      }
    } else {
      for (size_t column = 0; column < columns; column++) {
        for (size_t input = 0; input < inputs; input++) {
          panel[input * PANEL_COLUMNS + column] = source[column * output_stride + input * input_stride];
        }
      }
    }
    packed += PANEL_COLUMNS * (inputs + 1);
  }
}

// `rows` is a constant at every call that is inlined, so the compiler keeps the sums in registers.
static inline __attribute__((always_inline)) void KERNEL(linear_tile)(const size_t rows, size_t inputs, const float *x,
                                                                      size_t x_stride, const float *panel, float *y,
                                                                      size_t y_stride, size_t columns) {
  KERNEL(vector) low[TILE_ROWS];
  KERNEL(vector) high[TILE_ROWS];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
    low[r] = *(const KERNEL(vector) *)panel;
    high[r] = *(const KERNEL(vector) *)(panel + VECTOR_FLOATS);
  }
  for (size_t input = 0; input < inputs; input++) {
    panel += PANEL_COLUMNS;
    // With few rows, weights come from memory. The distance is long enough for memory latency, and short enough for the
    // first-level cache.
#pragma clang loop unroll(full)
    for (size_t line = 0; line < PANEL_COLUMNS * sizeof *panel; line += 64) {
      __builtin_prefetch((const char *)panel + 4096 + line);
    }
    const KERNEL(vector) weight_low = *(const KERNEL(vector) *)panel;
    const KERNEL(vector) weight_high = *(const KERNEL(vector) *)(panel + VECTOR_FLOATS);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      const float value = x[r * x_stride + input];
      low[r] += value * weight_low;
      high[r] += value * weight_high;
    }
  }
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
    float whole[PANEL_COLUMNS];
    memcpy(whole, &low[r], sizeof low[r]);
    memcpy(whole + VECTOR_FLOATS, &high[r], sizeof high[r]);
    if (columns == PANEL_COLUMNS) {
      memcpy(y + r * y_stride, whole, sizeof whole);
    } else {
      memcpy(y + r * y_stride, whole, columns * sizeof(float));
    }
  }
}

#define TILE(n)                                                                                                        \
  case n:                                                                                                              \
    KERNEL(linear_tile)(n, inputs, x, x_stride, panel, y, y_stride, columns);                                          \
    break;

static void KERNEL(linear_rows)(size_t rows, size_t inputs, const float *x, size_t x_stride, const float *panel,
                                float *y, size_t y_stride, size_t columns) {
  switch (rows) {
    TILES
  default:
    break;
  }
}

// Works on blocks of rows, whose input stays in the second-level cache for all panels.
static void KERNEL(linear)(size_t rows, size_t outputs, size_t inputs, const float *x, size_t x_stride,
                           const float *packed, float *y, size_t y_stride) {
  const size_t block_rows = 96;
  for (size_t block = 0; block < rows; block += block_rows) {
    const size_t end = rows - block < block_rows ? rows : block + block_rows;
    const float *panel = packed;
    for (size_t first = 0; first < outputs; first += PANEL_COLUMNS) {
      const size_t columns = outputs - first < PANEL_COLUMNS ? outputs - first : PANEL_COLUMNS;
      for (size_t row = block; row < end; row += TILE_ROWS) {
        KERNEL(linear_rows)
        (end - row < TILE_ROWS ? end - row : TILE_ROWS, inputs, x + row * x_stride, x_stride, panel,
         y + row * y_stride + first, y_stride, columns);
      }
      panel += PANEL_COLUMNS * (inputs + 1);
    }
  }
}

#undef TILE
#undef PANEL_COLUMNS
