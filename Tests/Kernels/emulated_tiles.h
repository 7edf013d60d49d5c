// AMX emulated with tile registers in memory for CPUs without it, as documented in the Intel 64 and IA-32 Architectures
// Software Developer's Manual, volume 2.
#ifndef EMULATED_TILES_H
#define EMULATED_TILES_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct {
  uint8_t palette;
  uint8_t start_row;
  uint8_t reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} emulated_shapes;
static uint8_t emulated_tiles[8][16][64];

static inline void emulate_loadconfig(const void *shapes) {
  memcpy(&emulated_shapes, shapes, sizeof emulated_shapes);
  memset(emulated_tiles, 0, sizeof emulated_tiles);
  for (int tile = 0; tile < 8; tile++) {
    const int rows = emulated_shapes.rows[tile], row_bytes = emulated_shapes.row_bytes[tile];
    if (emulated_shapes.palette != 1 || rows < 1 || rows > 16 || row_bytes < 1 || row_bytes > 64 || row_bytes % 4 != 0)
      abort();
  }
}

static inline void emulate_load(int tile, const void *base, size_t stride) {
  memset(emulated_tiles[tile], 0, sizeof emulated_tiles[tile]);
  for (size_t r = 0; r < emulated_shapes.rows[tile]; r++) {
    memcpy(emulated_tiles[tile][r], (const uint8_t *)base + r * stride, emulated_shapes.row_bytes[tile]);
  }
}

static inline void emulate_store(int tile, void *base, size_t stride) {
  for (size_t r = 0; r < emulated_shapes.rows[tile]; r++) {
    memcpy((uint8_t *)base + r * stride, emulated_tiles[tile][r], emulated_shapes.row_bytes[tile]);
  }
}

// Checks the shapes: `sums` has as many rows as `x`, `w` has a row for each four bytes of a row of `x`, and rows of
// `sums` and `w` have the same length.
static inline void check_shapes(int sums, int x, int w) {
  if (emulated_shapes.rows[sums] != emulated_shapes.rows[x] ||
      4 * emulated_shapes.rows[w] != emulated_shapes.row_bytes[x] ||
      emulated_shapes.row_bytes[sums] != emulated_shapes.row_bytes[w])
    abort();
}

static inline void emulate_dpbusd(int sums, int x, int w) {
  check_shapes(sums, x, w);
  for (size_t r = 0; r < emulated_shapes.rows[sums]; r++) {
    for (size_t column = 0; column < 16; column++) {
      int32_t sum;
      memcpy(&sum, &emulated_tiles[sums][r][4 * column], sizeof sum);
      for (size_t i = 0; i < emulated_shapes.row_bytes[x]; i++) {
        sum += emulated_tiles[x][r][i] * (int8_t)emulated_tiles[w][i / 4][4 * column + i % 4];
      }
      memcpy(&emulated_tiles[sums][r][4 * column], &sum, sizeof sum);
    }
  }
}

#ifdef EMULATED_BF16_H
// The even and the odd products of a step are summed separately; their sum is added to the previous value.
static inline void emulate_dpbf16ps(int sums, int x, int w) {
  check_shapes(sums, x, w);
  for (size_t r = 0; r < emulated_shapes.rows[sums]; r++) {
    for (size_t column = 0; column < 16; column++) {
      float parts[2] = {0};
      for (size_t pair = 0; pair < emulated_shapes.rows[w]; pair++) {
        uint16_t a[2], b[2];
        memcpy(a, &emulated_tiles[x][r][4 * pair], sizeof a);
        memcpy(b, &emulated_tiles[w][pair][4 * column], sizeof b);
        for (int i = 0; i < 2; i++) parts[i] = emulated_fma(parts[i], a[i], b[i]);
      }
      float sum;
      memcpy(&sum, &emulated_tiles[sums][r][4 * column], sizeof sum);
      sum = flushed(flushed(sum) + flushed(parts[0] + parts[1]));
      memcpy(&emulated_tiles[sums][r][4 * column], &sum, sizeof sum);
    }
  }
}
#endif

#undef _tile_loadconfig
#undef _tile_release
#undef _tile_zero
#undef _tile_loadd
#undef _tile_stored
#undef _tile_dpbusd
#undef _tile_dpbf16ps
#define _tile_loadconfig emulate_loadconfig
#define _tile_release() memset(&emulated_shapes, 0, sizeof emulated_shapes)
#define _tile_zero(tile) memset(emulated_tiles[tile], 0, sizeof emulated_tiles[tile])
#define _tile_loadd emulate_load
#define _tile_stored emulate_store
#define _tile_dpbusd emulate_dpbusd
#define _tile_dpbf16ps emulate_dpbf16ps

#endif
