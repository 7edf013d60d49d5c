#include "kernel_sets.h"

#define VECTOR_FLOATS 4
#define TILE_ROWS 4
#define TILES TILE(1) TILE(2) TILE(3) TILE(4)
#define KERNEL(name) name##__scalar
#include "bodies/all.h"
