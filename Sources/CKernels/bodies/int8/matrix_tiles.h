// The product of a tile of up to 32 rows and a panel in tile registers. Four registers hold sums, two hold rows and two
// hold weights. A register holds up to 16 rows of 64 bytes. A row of weights is one group of four inputs of 16 columns,
// so the registers load the layout that every set with 16 lanes packs.
//
// 17 to 31 rows are two overlapping halves of 16. Both halves compute the same sums for the shared rows.
#define HALF_ROWS 16
#define MATRIX_ROWS (2 * HALF_ROWS)
#define STEP_GROUPS 16

typedef struct {
  uint8_t palette;
  uint8_t start_row;
  uint8_t reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_shapes;

INLINE size_t half_rows_of(size_t rows) { return rows < HALF_ROWS ? rows : HALF_ROWS; }
INLINE size_t step_groups_of(size_t groups) { return groups < STEP_GROUPS ? groups : STEP_GROUPS; }

INLINE void set_shape(tile_shapes *shapes, size_t tile, size_t rows, size_t row_bytes) {
  shapes->rows[tile] = (uint8_t)rows;
  shapes->row_bytes[tile] = (uint16_t)row_bytes;
}

// Configures the registers for products of `groups` groups. `rows` is at least one, and may exceed the rows of a tile.
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

// Adds the products of one step to the sums. The second half of the rows starts `second` rows after the first.
// Registers are loaded in the order in which they are needed.
INLINE void multiply_step(const int has_second_half, size_t second, const uint8_t *x, size_t x_stride, const int8_t *w,
                          size_t group_bytes, size_t vector_bytes) {
  _tile_loadd(6, w, group_bytes);
  _tile_loadd(4, x, x_stride);
  _tile_dpbusd(0, 4, 6);
  if (has_second_half) {
    _tile_loadd(5, x + second * x_stride, x_stride);
    _tile_dpbusd(2, 5, 6);
  }
  _tile_loadd(7, w + vector_bytes, group_bytes);
  _tile_dpbusd(1, 4, 7);
  if (has_second_half)
    _tile_dpbusd(3, 5, 7);
}

// Multiplies the groups that remain after whole steps, from copies that are padded with zeros.
INLINE void multiply_rest(const int has_second_half, size_t second, size_t rows, size_t groups, const uint8_t *x,
                          size_t x_stride, const int8_t *w) {
  __m512i some_x[MATRIX_ROWS];
  __m512i some_w[STEP_GROUPS][2];
  const __mmask16 mask = (__mmask16)((1u << groups) - 1);
  for (size_t r = 0; r < rows; r++) some_x[r] = _mm512_maskz_loadu_epi32(mask, x + r * x_stride);
  memset(some_w, 0, sizeof some_w);
  memcpy(some_w, w, groups * sizeof some_w[0]);
  multiply_step(has_second_half, second, (const uint8_t *)some_x, sizeof some_x[0], (const int8_t *)some_w,
                sizeof some_w[0], sizeof some_w[0][0]);
}

INLINE void multiply_halves(const int has_second_half, size_t rows, size_t groups, const uint8_t *x, size_t x_stride,
                            const int8_t *w, sums total[MATRIX_ROWS][2]) {
  const size_t second = rows - half_rows_of(rows);
  const size_t depth = step_groups_of(groups);
  _tile_zero(0);
  _tile_zero(1);
  if (has_second_half) {
    _tile_zero(2);
    _tile_zero(3);
  }
  size_t group = 0;
  for (; group + depth <= groups; group += depth) {
    multiply_step(has_second_half, second, x + 4 * group, x_stride, w + group * sizeof total[0], sizeof total[0],
                  sizeof total[0][0]);
  }
  if (group < groups)
    multiply_rest(has_second_half, second, rows, groups - group, x + 4 * group, x_stride, w + group * sizeof total[0]);
  _tile_stored(0, total, sizeof total[0]);
  _tile_stored(1, &total[0][1], sizeof total[0]);
  if (has_second_half) {
    _tile_stored(2, total[second], sizeof total[0]);
    _tile_stored(3, &total[second][1], sizeof total[0]);
  }
}

// total[r] = Σ x[r] · w. x: rows × 4·groups. w: a panel's weights.
//
// A read of a sum waits until the register's store has reached memory, so callers do other work first.
INLINE void multiply_in_registers(size_t rows, size_t groups, const uint8_t *x, size_t x_stride, const int8_t *w,
                                  sums total[MATRIX_ROWS][2]) {
  if (rows > HALF_ROWS) {
    multiply_halves(1, rows, groups, x, x_stride, w, total);
  } else {
    multiply_halves(0, rows, groups, x, x_stride, w, total);
  }
}

// Measures the peak of the instruction set: products of registers with registers.
static size_t exercise(size_t repetitions) {
  begin_tiles(HALF_ROWS, STEP_GROUPS);
  for (size_t repetition = 0; repetition < repetitions; repetition++) {
    _tile_dpbusd(0, 4, 6);
    _tile_dpbusd(1, 4, 7);
    _tile_dpbusd(2, 5, 6);
    _tile_dpbusd(3, 5, 7);
  }
  end_tiles();
  return repetitions * 4 * HALF_ROWS * LANES * 4 * STEP_GROUPS;
}
