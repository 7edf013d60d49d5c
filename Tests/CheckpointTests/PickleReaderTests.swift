import Testing

@testable import Checkpoint

@Suite struct PickleReaderTests {
  private static let site = ErrorSite(file: "model/scimult.ckpt", entry: "data.pkl")

  private func expectFault(
    _ pickle: [UInt8], _ reason: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: ModelError.self, sourceLocation: sourceLocation) {
      try PickleReader.read(pickle, site: Self.site)
    }
    #expect(error?.reason == reason, sourceLocation: sourceLocation)
  }

  private func op(_ opcode: PickleOpcode) -> [UInt8] { [opcode.rawValue] }

  @Test func errorsNameFileEntryOpcodeOffsetAndClass() {
    let hostile = Python.call(.global("posix", "system"), [.string("touch owned")])
    let error = #expect(throws: ModelError.self) { try PickleReader.read(hostile.pickle, site: Self.site) }
    #expect(
      error?.description
        == "model/scimult.ckpt: data.pkl: opcode GLOBAL at 2: posix.system is not allowed "
        + "(a checkpoint may hold tensors and plain values only)")
  }

  @Test(arguments: [
    ("os", "system"), ("builtins", "eval"), ("builtins", "getattr"), ("__builtin__", "exec"), ("torch", "load"),
    ("torch._utils", "_rebuild_wrapper_subclass"), ("torch.hub", "load"), ("collections", "OrderedDict.fromkeys"),
    ("omegaconf.omegaconf", "OmegaConf"), ("", ""), ("torch", "FloatStorage "),
  ])
  func refusesEveryOtherGlobal(module: String, name: String) {
    let reason = "\(module).\(name) is not allowed (a checkpoint may hold tensors and plain values only)"
    expectFault(Python.global(module, name).pickle, "opcode GLOBAL at 2: \(reason)")
    let stack = Python.string(module).opcodes + Python.string(name).opcodes + op(.stackGlobal)
    expectFault(Python.raw(stack).pickle, "opcode STACK_GLOBAL at \(1 + stack.count): \(reason)")
  }

  @Test func refusesEveryOtherOpcode() {
    for byte in UInt8.min...UInt8.max where PickleOpcode(rawValue: byte) == nil {
      let name = PickleOpcode.name(of: byte) ?? "0x" + String(byte, radix: 16)
      expectFault(
        [0x80, 2, byte, 0x2e],
        "opcode \(name) at 2: is not allowed (a checkpoint may hold tensors and plain values only)")
    }
  }

  @Test func refusesCallsOfWhatMayOnlyBeNamed() {
    for function: Python in [
      .global("__builtin__", "dict"), .global("torch", "FloatStorage"), .global("omegaconf.nodes", "AnyNode"),
    ] {
      let error = #expect(throws: ModelError.self) {
        try PickleReader.read(Python.call(function, []).pickle, site: Self.site)
      }
      #expect(error?.reason.contains("calls a class, which is not allowed") == true)
    }
    let object = Python.object("collections", "OrderedDict", state: .none).pickle
    expectFault(object, "opcode NEWOBJ at 28: makes an object of a class that is not OmegaConf's, or with arguments")
  }

  @Test func refusesDeepNestingWithAndWithoutMarks() {
    let marks = [UInt8](repeating: PickleOpcode.mark.rawValue, count: 65)
    expectFault([0x80, 2] + marks, "opcode MARK at 66: nests deeper than 64 levels")
    let tuples = op(.none) + [UInt8](repeating: PickleOpcode.tuple1.rawValue, count: 65)
    expectFault([0x80, 2] + tuples, "opcode TUPLE1 at 67: nests deeper than 64 levels")
    let lists = Array(repeating: op(.emptyList), count: 100_000).flatMap { $0 }
    let appends = [UInt8](repeating: PickleOpcode.append.rawValue, count: 99_999)
    expectFault(
      [0x80, 2] + lists + appends + op(.stop), "opcode APPEND at \(2 + 100_000 + 63): nests deeper than 64 levels")
  }

  @Test func boundsTheStackTheMemoAndTheObjects() {
    let many = 1 << 20
    expectFault(
      [0x80, 2] + [UInt8](repeating: PickleOpcode.none.rawValue, count: many + 1),
      "opcode NONE at \(2 + many): makes the stack larger than \(many) values")
    expectFault(
      [0x80, 2] + op(.none) + [UInt8](repeating: PickleOpcode.memoize.rawValue, count: many + 1),
      "opcode MEMOIZE at \(3 + many): makes the memo larger than \(many) values")
    let half = op(.mark) + [UInt8](repeating: PickleOpcode.emptyTuple.rawValue, count: many / 2) + op(.tuple)
    let error = #expect(throws: ModelError.self) {
      try PickleReader.read([0x80, 2] + half + half + op(.stop), site: Self.site)
    }
    #expect(error?.reason.hasSuffix("makes more than \(many) objects") == true)
  }

  @Test func boundsTheItemsOfAllContainers() {
    let chunk = op(.mark) + [UInt8](repeating: PickleOpcode.none.rawValue, count: 1 << 19) + op(.tuple)
    let error = #expect(throws: ModelError.self) {
      try PickleReader.read([0x80, 2] + Array(repeating: chunk, count: 9).flatMap { $0 }, site: Self.site)
    }
    #expect(error?.reason.hasSuffix("makes more than \(1 << 22) items") == true)
  }

  @Test func refusesLengthsPastTheEndBeforeAllocatingThem() {
    expectFault(
      [0x80, 2] + op(.binUnicode) + littleEndian(0xffff_ffff, 4),
      "opcode BINUNICODE at 2: holds a string of 4294967295 bytes, at most 1048576 are allowed")
    expectFault(
      [0x80, 2] + op(.binUnicode) + littleEndian(1000, 4),
      "opcode BINUNICODE at 2: holds a string of 1000 bytes past the end of the pickle: it is truncated")
    expectFault(
      [0x80, 2] + op(.long1) + [255] + [UInt8](repeating: 1, count: 255),
      "opcode LONG1 at 2: holds an integer of 255 bytes, at most 8 are allowed")
    expectFault(
      [0x80, 4] + op(.frame) + littleEndian(.max, 8),
      "opcode FRAME at 2: reaches past the end of the pickle: it is truncated")
    expectFault(
      [0x80, 2] + op(.binInt) + [1, 2], "opcode BININT at 2: needs 4 bytes past the end of the pickle: it is truncated")
  }

  @Test func refusesStackMachineMisuse() {
    expectFault([0x80, 2] + op(.stop), "opcode STOP at 2: leaves 0 values and 0 marks unread")
    expectFault(
      [0x80, 2] + op(.none) + op(.stop) + [0], "opcode STOP at 3: leaves 1 bytes unread")
    expectFault(
      [0x80, 2] + op(.none) + op(.none) + op(.stop), "opcode STOP at 4: leaves 2 values and 0 marks unread")
    expectFault([0x80, 2] + op(.tuple), "opcode TUPLE at 2: has no mark on the stack")
    expectFault(
      [0x80, 2] + op(.none) + op(.mark) + op(.append), "opcode APPEND at 4: needs a value that is not on the stack")
    expectFault([0x80, 2] + op(.binGet) + [7], "opcode BINGET at 2: asks for memo 7, which is not set")
    expectFault([0x80, 2] + op(.binPut) + [7], "opcode BINPUT at 2: needs a value that is not on the stack")
    expectFault(
      [0x80, 2] + op(.none) + op(.proto) + [2],
      "opcode PROTO at 3: states protocol 2 at this place, which cannot be read")
    expectFault(
      Python.raw(op(.emptyDictionary) + op(.mark) + op(.none) + op(.setItems)).pickle,
      "opcode SETITEMS at 5: has a key without a value")
    expectFault([], "does not begin as a pickle of protocol 2 or later")
    expectFault(Array("cos\nsystem\n(S'x'\ntR.".utf8), "does not begin as a pickle of protocol 2 or later")
    expectFault(
      Python.string("\u{e9}").pickle.map { $0 == 0xc3 ? 0xff : $0 },
      "opcode BINUNICODE at 2: holds a string that is not UTF-8")
  }

  @Test func aSharedShapeOfAMillionNumbersIsNoShape() {
    let shape = Python.tuple(Array(repeating: .int(1), count: 65))
    let tensor = Python.call(
      .global("torch._utils", "_rebuild_tensor_v2"),
      [
        .persistentID(
          .tuple([.string("storage"), .global("torch", "FloatStorage"), .string("0"), .string("cpu"), .int(1)])),
        .int(0), shape, shape, .bool(false), .none,
      ])
    let error = #expect(throws: ModelError.self) { try PickleReader.read(tensor.pickle, site: Self.site) }
    #expect(error?.reason.contains("_rebuild_tensor_v2 has arguments that are not") == true)
  }

  @Test(arguments: [
    ([], 0), ([5], 5), ([0xff], -1), ([0, 0x80], -32768), ([0xff, 0], 255),
    ([0, 0, 0, 0, 0, 0, 0, 0x80], Int.min), ([1, 2, 3], 0x030201),
  ])
  func readsLongIntegersInTwosComplement(bytes: [UInt8], value: Int) throws {
    let pickle = Python.raw(op(.long1) + [UInt8(bytes.count)] + bytes).pickle
    guard case .int(let read) = try PickleReader.read(pickle, site: Self.site).root else {
      Issue.record("is not an int")
      return
    }
    #expect(read == value)
  }
}
