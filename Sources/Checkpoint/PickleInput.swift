/// The bytes of a pickle: in memory, or in a file, out of which they are read as far as they are asked for. (In torch's
/// legacy format only its opcodes say where a pickle ends.)
struct PickleInput {
  /// Those that are in memory.
  private(set) var bytes: [UInt8]
  /// How many there may be in all.
  let count: Int
  /// Where they begin in the file.
  let origin: Int
  /// Whether the file goes on behind `count`.
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

  /// The bytes of a file from `origin` on, which lies in it.
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
