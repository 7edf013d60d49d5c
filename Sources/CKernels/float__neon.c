#include "kernel_sets.h"

#if defined(__aarch64__)
#define VECTOR_FLOATS 4
#define TILE_ROWS 12
#define TILES TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#define KERNEL(name) name##__neon
#include "bodies/all.h"
#endif
