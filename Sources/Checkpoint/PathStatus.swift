#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What exists at a path, with links followed.
enum PathStatus {
  case absent
  case folder
  /// Anything else that exists.
  case file

  /// - Throws: ``ModelError`` for a path that cannot be followed, and for a path with a broken link. A broken link is
  ///   not the same as nothing: an unfinished download leaves one.
  static func of(_ path: String) throws(ModelError) -> PathStatus {
    var status = stat()
    if stat(path, &status) == 0 { return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file }
    let code = errno
    guard code == ENOENT else { throw ModelError(file: path, reason: systemReason(code)) }
    if let error = danglingLink(on: path) { throw error }
    return .absent
  }

  /// The error for a broken link on a path; nil if there is none.
  static func danglingLink(on path: String) -> ModelError? {
    var part = path
    while !part.isEmpty {
      var status = stat()
      if lstat(part, &status) == 0 {
        guard status.st_mode & S_IFMT == S_IFLNK, stat(part, &status) != 0 else { return nil }
        return danglingLink(at: part)
      }
      guard let slash = part.lastIndex(of: "/") else { return nil }
      part = String(part[..<slash])
    }
    return nil
  }

  private static func danglingLink(at path: String) -> ModelError {
    guard let target = target(of: path) else { return ModelError(file: path, reason: "is a link that cannot be read") }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let isUnfinished = access((target.hasPrefix("/") ? "" : folder) + target + ".incomplete", F_OK) == 0
    return ModelError(
      file: path,
      reason: "is a link to \(target), which is not there"
        + (isUnfinished ? " (its download is unfinished)" : "") + ": download the model again")
  }

  private static func target(of link: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(link, &buffer, buffer.count)
    guard count >= 0 else { return nil }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// The system's reason for an error, in our words if the system's say little.
func systemReason(_ code: Int32) -> String {
  switch code {
  case ENOENT: "does not exist"
  case EACCES: "may not be read: permission denied"
  case ELOOP: "is a link that leads back to itself"
  default: String(cString: strerror(code))
  }
}
