@testable import Checkpoint

/// A file of PyTorch's legacy format as bytes; tests can falsify every part.
struct LegacyTorchWriter {
  var object: [UInt8]
  var version = Python.int(1001)
  var system = Python.dictionary([("protocol_version", .int(1001)), ("little_endian", .bool(true))])
  var keys: Python
  /// Each storage's stated number of elements, and its bytes.
  var storages: [(count: UInt64, bytes: [UInt8])]
  var trailing: [UInt8] = []

  /// A state dict of one fp32 tensor named `w`, which covers storage `0`.
  init(values: [Float] = [0, 1, 2, 3]) {
    self.init(
      .dictionary([
        ("w", .tensor(key: "0", count: values.count, shape: [values.count], strides: [1], view: Python.none))
      ]),
      storages: [("0", values)])
  }

  init(_ object: Python, storages: [(key: String, values: [Float])] = []) {
    self.object = object.pickle
    keys = .list(storages.map { .string($0.key) })
    self.storages = storages.map { (UInt64($0.values.count), floatBytes($0.values)) }
  }

  static let magic: [UInt8] = [
    0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
  ]

  var bytes: [UInt8] {
    let head = Self.magic + version.pickle + system.pickle + object + keys.pickle
    return head + storages.flatMap { littleEndian($0.count, 8) + $0.bytes } + trailing
  }
}
