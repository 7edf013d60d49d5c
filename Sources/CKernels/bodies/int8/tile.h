// The product of up to TILE_ROWS rows of u8 and up to TILE_VECTORS vectors of s8 columns. All sums stay in registers.
// `rows` and `vectors` are constants at every call that is inlined.
//
// x: rows × 4·groups. w: groups of four inputs `step` bytes apart, each with vectors `next` bytes apart. Weights are
// prefetched `ahead` bytes ahead, across the end of a panel; 0 disables prefetching, for weights that are in a cache.
//
// If load_activations() subtracts BIAS, the sums of all rows lack the same BIAS · Σ w, which is added at the end.
INLINE void multiply_tile(const size_t rows, const size_t vectors, size_t groups, const uint8_t *x, size_t x_stride,
                          const int8_t *w, size_t step, size_t next, const size_t ahead,
                          sums total[TILE_ROWS][TILE_VECTORS]) {
#if BIAS
  const activations one = load_activations((const uint8_t[4]){BIAS + 1, BIAS + 1, BIAS + 1, BIAS + 1});
  sums weight_sum[TILE_VECTORS];
  UNROLL for (size_t v = 0; v < vectors; v++) weight_sum[v] = start((ints){0});
#endif
  for (size_t group = 0; group < groups; group++) {
    UNROLL for (size_t line = 0; ahead > 0 && line < vectors * LANES * 4; line += 64) {
      __builtin_prefetch(w + ahead + line);
    }
    weights columns[TILE_VECTORS];
    UNROLL for (size_t v = 0; v < vectors; v++) columns[v] = load_weights(w + v * next);
    UNROLL for (size_t r = 0; r < rows; r++) {
      const activations four = load_activations(x + r * x_stride + 4 * group);
      UNROLL for (size_t v = 0; v < vectors; v++) total[r][v] = dot(total[r][v], four, columns[v]);
    }
#if BIAS
    UNROLL for (size_t v = 0; v < vectors; v++) weight_sum[v] = dot(weight_sum[v], one, columns[v]);
#endif
    w += step;
  }
#if BIAS
  UNROLL for (size_t r = 0; r < rows; r++) {
    UNROLL for (size_t v = 0; v < vectors; v++) {
      total[r][v] = start(finish(total[r][v]) + BIAS * finish(weight_sum[v]));
    }
  }
#endif
}

// The prefetch distance in bytes: long enough for memory latency, short enough for the first-level cache.
#define WEIGHTS_AHEAD 4096

// Divides `rows` rows into tiles as evenly as possible, because a tile of few rows reads as many weights as a full one.
INLINE size_t tiles_for(size_t rows) { return (rows + TILE_ROWS - 1) / TILE_ROWS; }
INLINE size_t tile_start(size_t rows, size_t tiles, size_t index) { return rows * index / tiles; }
