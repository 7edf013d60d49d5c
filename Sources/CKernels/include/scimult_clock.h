// Measures a core's frequency, because a program cannot read it from a register.
#ifndef SCIMULT_CLOCK_H
#define SCIMULT_CLOCK_H

#include <stddef.h>

// Performs `count` additions, each of which depends on the previous one: one addition per cycle on every CPU that the
// kernels support. `count` is a multiple of 8.
void scimult_add_in_turn(size_t count);

#endif
