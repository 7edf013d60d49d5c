import Glibc

/// What exists at a path, found without opening it.
struct FileStatus {
  enum Kind: String {
    case regular = "regular file"
    case folder, pipe, device
  }

  /// Identifies a file, whatever path leads to it.
  struct Identity: Hashable {
    fileprivate let device: UInt64
    fileprivate let inode: UInt64
  }

  let kind: Kind
  let identity: Identity
  let byteCount: Int

  /// - Parameter path: links are followed; the result is nil if nothing exists there.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  /// - Parameter path: `-` is a standard stream.
  init?(path: String, orStream stream: Int32) {
    if path == "-" { self.init(descriptor: stream) } else { self.init(path: path) }
  }

  /// Whether a path leads to something other than a regular file: a folder, a pipe, a device.
  static func isSpecial(_ path: String) -> Bool {
    FileStatus(path: path).map { $0.kind != .regular } ?? false
  }

  private init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .folder
      case S_IFIFO, S_IFSOCK: .pipe
      default: .device
      }
    identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    byteCount = Int(status.st_size)
  }
}
