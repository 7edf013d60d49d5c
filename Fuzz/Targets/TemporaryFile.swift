import Glibc

/// Calls `body` with the path of a regular file that has no name in any folder, for readers that take a path.
func withTemporaryFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
  guard let file = tmpfile() else { throw BrokenPromise(description: "a temporary file could not be made") }
  defer { fclose(file) }
  let written = fwrite(bytes, 1, bytes.count, file)
  try promise(written == bytes.count && fflush(file) == 0, "a file of \(bytes.count) bytes could not be written")
  return try body("/proc/self/fd/\(fileno(file))")
}
