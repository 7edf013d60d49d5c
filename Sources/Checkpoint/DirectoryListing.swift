#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum DirectoryListing {
  /// The sorted names of everything in a folder, including hidden files and broken links.
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

  /// The target of a path, with every link followed; nil if a link is broken.
  static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
