#include "kernel_sets.h"

#define KERNEL(name) name##__scalar
#include "bodies/all.h"
