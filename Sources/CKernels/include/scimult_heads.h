#ifndef SCIMULT_HEADS_H
#define SCIMULT_HEADS_H

#include <stddef.h>

// The shape of one sequence's attention: the number of rows, of heads, and of values per head.
typedef struct {
  size_t length;
  size_t heads;
  size_t head_size;
} scimult_heads;

#endif
