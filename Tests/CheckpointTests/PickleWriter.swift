@testable import Checkpoint

/// A Python value that can be pickled with protocol 2.
indirect enum Python: Sendable {
  case none
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case tuple([Python])
  case list([Python])
  case dictionary([(String, Python)])
  case global(String, String)
  /// A call of a global, `REDUCE`.
  case call(Python, [Python])
  /// An object made by `NEWOBJ` and given its state by `BUILD`.
  case object(String, String, state: Python)
  case persistentID(Python)
  /// Raw opcodes.
  case raw([UInt8])

  /// A tensor as `torch.save` pickles it. The legacy format also has a view, usually None.
  static func tensor(
    key: String, count: Int, offset: Int = 0, shape: [Int], strides: [Int], storage: String = "FloatStorage",
    location: String = "cpu", view: Python? = nil
  ) -> Python {
    .call(
      .global("torch._utils", "_rebuild_tensor_v2"),
      [
        .persistentID(
          .tuple(
            [.string("storage"), .global("torch", storage), .string(key), .string(location), .int(count)]
              + (view.map { [$0] } ?? []))),
        .int(offset), .tuple(shape.map(Python.int)), .tuple(strides.map(Python.int)), .bool(false),
        .call(.global("collections", "OrderedDict"), []),
      ])
  }

  /// A complete pickle of this value.
  var pickle: [UInt8] {
    [PickleOpcode.proto.rawValue, 2] + opcodes + [PickleOpcode.stop.rawValue]
  }

  /// The opcodes that push this value.
  var opcodes: [UInt8] {
    switch self {
    case .none: Self.op(.none)
    case .bool(let value): Self.op(value ? .newTrue : .newFalse)
    case .int(let value): Self.op(.long1, [8] + littleEndian(UInt64(bitPattern: Int64(value)), 8))
    case .double(let value): Self.op(.binFloat, littleEndian(value.bitPattern.byteSwapped, 8))
    case .string(let text): Self.op(.binUnicode, littleEndian(UInt64(text.utf8.count), 4) + text.utf8)
    case .tuple(let items): Self.op(.mark) + items.flatMap(\.opcodes) + Self.op(.tuple)
    case .list(let items): Self.op(.emptyList) + Self.op(.mark) + items.flatMap(\.opcodes) + Self.op(.appends)
    case .dictionary(let items):
      Self.op(.emptyDictionary) + Self.op(.mark)
        + items.flatMap { Python.string($0.0).opcodes + $0.1.opcodes } + Self.op(.setItems)
    case .global(let module, let name): Self.op(.global, Array("\(module)\n\(name)\n".utf8))
    case .call(let function, let arguments): function.opcodes + Python.tuple(arguments).opcodes + Self.op(.reduce)
    case .object(let module, let name, let state):
      Python.global(module, name).opcodes + Self.op(.emptyTuple) + Self.op(.newObject) + state.opcodes
        + Self.op(.build)
    case .persistentID(let identifier): identifier.opcodes + Self.op(.binPersistentID)
    case .raw(let bytes): bytes
    }
  }

  private static func op(_ opcode: PickleOpcode, _ operand: [UInt8] = []) -> [UInt8] {
    [opcode.rawValue] + operand
  }
}

/// The low `byteCount` bytes of a value in little-endian order.
func littleEndian(_ value: UInt64, _ byteCount: Int) -> [UInt8] {
  (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
}
