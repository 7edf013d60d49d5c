import Glibc

/// Calls `body` with the path of a regular file that has no place on a disk, for readers that take a path.
func withMemoryFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
  let descriptor = memfd_create("fuzz", 0)
  defer { close(descriptor) }
  let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
  try promise(written == bytes.count, "a file of \(bytes.count) bytes could not be made")
  return try body("/proc/self/fd/\(descriptor)")
}
