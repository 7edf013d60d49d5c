// The tile registers of AMX, as products of int8 and of bf16 use them. Four registers hold sums, two hold rows and two
// hold weights. A register holds up to 16 rows of 64 bytes. A row of weights is one group of inputs, 4 bytes for each
// of 16 columns, so the registers load the layout that every set with 16 lanes packs.
//
// 17 to 31 rows are two overlapping halves of 16. Both halves compute the same sums for the shared rows.
#define HALF_ROWS 16
#define MATRIX_ROWS (2 * HALF_ROWS)
// The number of groups of inputs in one step of a product.
#define STEP_GROUPS 16

INLINE size_t half_rows_of(size_t rows) { return rows < HALF_ROWS ? rows : HALF_ROWS; }
INLINE size_t step_groups_of(size_t groups) { return groups < STEP_GROUPS ? groups : STEP_GROUPS; }

typedef struct {
  uint8_t palette;
  uint8_t start_row;
  uint8_t reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_shapes;

INLINE void set_shape(tile_shapes *shapes, size_t tile, size_t rows, size_t row_bytes) {
  shapes->rows[tile] = (uint8_t)rows;
  shapes->row_bytes[tile] = (uint16_t)row_bytes;
}

// Configures the registers for products of `groups` groups, or of any number of whole steps. `rows` is at least one,
// and may exceed the rows of a tile.
INLINE void begin_tiles(size_t rows, size_t groups) {
  tile_shapes shapes = {.palette = 1};
  const size_t height = half_rows_of(rows);
  const size_t depth = step_groups_of(groups);
  for (size_t tile = 0; tile < 4; tile++) set_shape(&shapes, tile, height, 64);
  for (size_t tile = 4; tile < 6; tile++) set_shape(&shapes, tile, height, 4 * depth);
  for (size_t tile = 6; tile < 8; tile++) set_shape(&shapes, tile, depth, 64);
  _tile_loadconfig(&shapes);
}

// Releases the registers, because the system would save registers in use at every context switch.
INLINE void end_tiles(void) { _tile_release(); }

// Measures the peak of the instruction set: products of registers with registers.
static size_t exercise(size_t repetitions) {
  begin_tiles(HALF_ROWS, STEP_GROUPS);
  for (size_t repetition = 0; repetition < repetitions; repetition++) {
    MULTIPLY_TILES(0, 4, 6);
    MULTIPLY_TILES(1, 4, 7);
    MULTIPLY_TILES(2, 5, 6);
    MULTIPLY_TILES(3, 5, 7);
  }
  end_tiles();
  return repetitions * 4 * HALF_ROWS * LANES * LANE_PRODUCTS * STEP_GROUPS;
}
