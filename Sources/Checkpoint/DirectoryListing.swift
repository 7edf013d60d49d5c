#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum DirectoryListing {
  /// The names of all that is in a folder, hidden files and links to nowhere included, in their order.
  static func names(in folder: String) throws(ModelError) -> [String] {
    guard let stream = opendir(folder) else {
      let reason = errno == EACCES ? "permission denied" : systemReason(errno)
      throw ModelError(file: folder, reason: "cannot be listed: \(reason)")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) {
          String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The path that a path leads to, every link followed; nil where it leads nowhere.
  static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
