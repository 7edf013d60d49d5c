/// The bytes of a pickle, in memory or in a file. From a file, the input reads only as far as needed. (In torch's
/// legacy format, only a pickle's opcodes show where it ends.)
struct PickleInput {
  /// The bytes in memory.
  private(set) var bytes: [UInt8]
  /// The maximum number of bytes.
  let count: Int
  /// The offset in the file at which the bytes begin.
  let origin: Int
  /// Whether the file continues after `count` bytes.
  let isCapped: Bool
  private let file: RandomAccessFile?

  private static let stepBytesMin = 4_096

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    count = bytes.count
    origin = 0
    isCapped = false
    file = nil
  }

  /// The bytes of a file from `origin` on; `origin` must be inside the file.
  init(file: RandomAccessFile, from origin: Int, bytesMax: Int) {
    bytes = []
    count = min(file.size - origin, bytesMax)
    self.origin = origin
    isCapped = file.size - origin > bytesMax
    self.file = file
  }

  /// Makes sure that the bytes up to `end`, at most `count`, are in memory.
  mutating func load(upTo end: Int) throws(ModelError) {
    guard end > bytes.count, let file else { return }
    let target = min(count, max(end, 2 * bytes.count, Self.stepBytesMin))
    bytes += try file.bytes(at: origin + bytes.count, count: target - bytes.count)
  }
}
