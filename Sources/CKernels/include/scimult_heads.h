#ifndef SCIMULT_HEADS_H
#define SCIMULT_HEADS_H

#include <stddef.h>

// Where one sequence's attention reads its keys and values, and how long they are.
typedef struct {
  size_t length;
  size_t heads;
  size_t head_size;
} scimult_heads;

#endif
