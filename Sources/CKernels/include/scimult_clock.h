// The frequency at which a core runs, which no register tells a program.
#ifndef SCIMULT_CLOCK_H
#define SCIMULT_CLOCK_H

#include <stddef.h>

// Makes `count` additions, each of which needs the one before: one a cycle on every CPU that the kernels know. `count`
// is a multiple of 8.
void scimult_add_in_turn(size_t count);

#endif
