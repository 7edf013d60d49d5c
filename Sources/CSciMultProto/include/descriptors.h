// The descriptors of Protos/, as reflection sends them.
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include <stddef.h>
#include <stdint.h>

// One file. The lists end with NULL.
typedef struct {
  const char *name;
  // A serialised google.protobuf.FileDescriptorProto.
  const uint8_t *content;
  size_t size;
  // Full names that the file declares.
  const char *const *symbols;
  // Names of the files that it imports.
  const char *const *imports;
  // Full names of its services.
  const char *const *services;
} scimult_descriptor_file;

const scimult_descriptor_file *scimult_descriptor_files(void);
size_t scimult_descriptor_file_count(void);

#endif
