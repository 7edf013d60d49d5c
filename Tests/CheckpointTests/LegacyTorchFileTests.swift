import Testing

@testable import Checkpoint

/// PyTorch's file format before version 1.6: either read as data, within the bounds of the file, or refused with a
/// message of one line.
@Suite struct LegacyTorchFileTests {
  private static func tensor(
    key: String = "0", count: Int = 4, offset: Int = 0, shape: [Int] = [4], strides: [Int] = [1],
    storage: String = "FloatStorage", view: Python = .none
  ) -> Python {
    .tensor(key: key, count: count, offset: offset, shape: shape, strides: strides, storage: storage, view: view)
  }

  private static func file(_ tensor: Python) -> [UInt8] {
    LegacyTorchWriter(.dictionary([("w", tensor)]), storages: [("0", [0, 1, 2, 3])]).bytes
  }

  private static func view(_ offset: Int, _ count: Int) -> Python { .tuple([.string("v"), .int(offset), .int(count)]) }

  // MARK: Accepted files

  @Test func readsStoragesInTheOrderOfTheirKeys() throws {
    let object = Python.dictionary([
      ("b", Self.tensor(key: "2", count: 1, shape: [1])), ("a", Self.tensor(key: "1", count: 2, shape: [2])),
      ("c", Self.tensor(key: "1", count: 2, offset: 1, shape: [1])),
    ])
    let file = try openWeights(LegacyTorchWriter(object, storages: [("1", [1, 2]), ("2", [3])]).bytes)
    #expect(file.format == .torchStateDict)
    #expect(try file.readFloats("a") == [1, 2])
    #expect(try file.readFloats("b") == [3])
    #expect(try file.readFloats("c") == [2])
  }

  @Test(arguments: [(0, 4, 0, 4), (1, 3, 0, 3), (1, 3, 2, 1), (4, 0, 0, 0), (0, 0, 0, 0)])
  func readsViewsOfStorages(first: Int, count: Int, offset: Int, size: Int) throws {
    let tensor = Self.tensor(offset: offset, shape: [size], view: Self.view(first, count))
    let values = (0..<size).map { Float(first + offset + $0) }
    #expect(try openWeights(Self.file(tensor)).readFloats("w") == values)
  }

  @Test func aPickleOfManyPiecesIsRead() throws {
    let names = (0..<2_000).map { "layer.\($0).weight" }
    let object = Python.dictionary(names.map { ($0, Self.tensor()) })
    let file = try openWeights(LegacyTorchWriter(object, storages: [("0", [0, 1, 2, 3])]).bytes)
    #expect(file.tensors.count == names.count)
    #expect(try file.readFloats(names[1_999]) == [0, 1, 2, 3])
  }

  /// The pickle from Python 2; `pairs` are its only argument.
  private static func ordered(_ pairs: Python) -> [UInt8] {
    LegacyTorchWriter(.call(.global("collections", "OrderedDict"), [pairs]), storages: [("0", [0, 1, 2, 3])]).bytes
  }

  @Test func anOrderedDictMayBeMadeOfPairs() throws {
    for pair: Python in [.list([.string("w"), Self.tensor()]), .tuple([.string("w"), Self.tensor()])] {
      #expect(try openWeights(Self.ordered(.list([pair]))).readFloats("w") == [0, 1, 2, 3])
    }
    for pairs: Python in [.list([.list([.string("w")])]), .list([.string("w")]), .dictionary([]), .none] {
      try expectRefusal(Self.ordered(pairs), entry: "object", reason: "OrderedDict has arguments that are not a list")
    }
    let zip = TorchZipWriter(.call(.global("collections", "OrderedDict"), [.list([])]))
    try expectRefusal(zip.bytes, entry: "data.pkl", reason: "OrderedDict has arguments")
  }

  // MARK: Views and storages

  @Test(arguments: [(0, 5), (5, 0), (4, 1), (-1, 2), (0, -1), (.max, .max), (1, .max)])
  func refusesViewsOutsideTheirStorage(offset: Int, count: Int) throws {
    let bytes = Self.file(Self.tensor(shape: [0], view: Self.view(offset, count)))
    try expectRefusal(bytes, entry: "object", reason: "inside its storage of 4 elements")
  }

  @Test func refusesTensorsOutsideTheirView() throws {
    try expectRefusal(
      Self.file(Self.tensor(shape: [3], view: Self.view(1, 2))), entry: "w",
      reason: "reaches past its storage of 2 elements")
    try expectRefusal(
      Self.file(Self.tensor(shape: [1 << 40], strides: [0])), entry: "w", reason: "repeats elements")
    try expectRefusal(
      Self.file(Self.tensor(offset: .max, shape: [2])), entry: "w", reason: "overflows")
  }

  @Test(arguments: [Python.int(1), .string("v"), .tuple([]), .tuple([.int(0), .int(0), .int(1)]), .list([])])
  func refusesViewsOfOtherKinds(view: Python) throws {
    try expectRefusal(
      Self.file(Self.tensor(view: view)), entry: "object", reason: "has a view that is not (key, offset, count)")
  }

  @Test func theFormOfThePersistentIDIsTheFormats() throws {
    let short = Python.tensor(key: "0", count: 4, shape: [4], strides: [1])
    try expectRefusal(Self.file(short), entry: "object", reason: "location, count, view)")
    let long = TorchZipWriter(.dictionary([("w", Self.tensor())]), storages: [("0", floatBytes([0, 1, 2, 3]))])
    try expectRefusal(long.bytes, entry: "data.pkl", reason: "location, count)")
  }

  @Test func refusesCountsThatDisagree() throws {
    for count in [0, 3, 5, 1 << 40, .max, .max / 4 + 1] {
      try expectRefusal(
        Self.file(Self.tensor(count: count, shape: [0])), entry: "storage 0",
        reason: "has 4 elements, the object says \(count)")
    }
    var file = LegacyTorchWriter()
    for count in [UInt64(3), 5, 1 << 61, .max] {
      file.storages[0].count = count
      try expectRefusal(file.bytes, entry: "storage 0", reason: "has \(count) elements, the object says 4")
    }
  }

  @Test func refusesHugeCountsThatAgreeBeforeTakingMemory() throws {
    for count in [5, 1 << 40, .max / 4 + 1, .max] {
      var file = LegacyTorchWriter(
        .dictionary([("w", Self.tensor(count: count, shape: [count]))]), storages: [("0", [0, 1, 2, 3])])
      file.storages[0].count = UInt64(count)
      try expectRefusal(file.bytes, entry: "storage 0", reason: "reach past the end of the file: it is truncated")
    }
  }

  @Test func refusesKeysThatDisagreeWithTheObject() throws {
    var file = LegacyTorchWriter()
    file.keys = .list([])
    file.storages = []
    try expectRefusal(file.bytes, entry: "w", reason: "its storage 0 is not in the file")
    file = LegacyTorchWriter()
    file.keys = .list([.string("0"), .string("1")])
    try expectRefusal(file.bytes, entry: "storage 1", reason: "is not of any tensor in the object")
    file.keys = .list([.string("0"), .string("0")])
    file.storages.append(file.storages[0])
    try expectRefusal(file.bytes, entry: "storage 0", reason: "is there twice")
    for keys: Python in [.list([.int(0)]), .list([.none])] {
      file.keys = keys
      try expectRefusal(file.bytes, entry: "storage keys", reason: "not a str")
    }
    file.keys = .dictionary([])
    try expectRefusal(file.bytes, entry: "storage keys", reason: "is a dict, not a list")
  }

  @Test func refusesAStorageOfTwoKinds() throws {
    for other in [Self.tensor(storage: "HalfStorage"), Self.tensor(count: 3, shape: [3])] {
      let object = Python.dictionary([("a", Self.tensor()), ("b", other)])
      try expectRefusal(
        LegacyTorchWriter(object, storages: [("0", [0, 1, 2, 3])]).bytes, entry: "object",
        reason: "names the storage 0 in two ways")
    }
  }

  // MARK: The file

  @Test func aTruncatedFileIsRefusedAtEveryLength() throws {
    let whole = LegacyTorchWriter().bytes
    for count in 0..<whole.count {
      #expect(throws: ModelError.self, "\(count) bytes") { try openWeights(Array(whole[..<count])) }
    }
  }

  @Test func refusesBytesBehindTheLastStorage() throws {
    var file = LegacyTorchWriter()
    file.trailing = [0]
    try expectRefusal(file.bytes, entry: nil, reason: "has 1 bytes behind its last storage: it is corrupt")
  }

  @Test func refusesOtherVersionsAndBigEndianSystems() throws {
    var file = LegacyTorchWriter()
    for version: Python in [.int(1000), .none, .string("1001")] {
      file.version = version
      try expectRefusal(file.bytes, entry: "version", reason: "is not 1001")
    }
    file = LegacyTorchWriter()
    file.system = .dictionary([("little_endian", .bool(false))])
    try expectRefusal(file.bytes, entry: "system", reason: "is big-endian: only little-endian")
    file.system = .dictionary([])
    try expectRefusal(file.bytes, entry: "system", reason: "does not say whether the file is little_endian")
    file.system = .none
    try expectRefusal(file.bytes, entry: "system", reason: "is None, not a dict")
  }

  @Test func refusesCodeInEveryPickle() throws {
    let command = Python.call(.global("posix", "system"), [.string("exit 3")])
    var file = LegacyTorchWriter()
    file.version = command
    try expectRefusal(file.bytes, entry: "version", reason: "posix.system is not allowed")
    file = LegacyTorchWriter()
    file.system = command
    try expectRefusal(file.bytes, entry: "system", reason: "posix.system is not allowed")
    file = LegacyTorchWriter()
    file.object = command.pickle
    try expectRefusal(file.bytes, entry: "object", reason: "posix.system is not allowed")
    file = LegacyTorchWriter()
    file.keys = command
    try expectRefusal(file.bytes, entry: "storage keys", reason: "posix.system is not allowed")
  }

  @Test func errorsNameTheOpcodesPlaceInTheFile() throws {
    var file = LegacyTorchWriter()
    file.object = Python.global("os", "system").pickle
    let place = LegacyTorchWriter.magic.count + file.version.pickle.count + file.system.pickle.count + 2
    try expectRefusal(file.bytes, entry: "object", reason: "opcode GLOBAL at \(place): os.system is not allowed")
  }

  @Test func refusesAWholeModule() throws {
    let module = Python.persistentID(.tuple([.string("module"), .none, .string("m.py"), .string("import os")]))
    try expectRefusal(
      LegacyTorchWriter(module).bytes, entry: "object", reason: "holds a whole module, code included")
  }

  @Test func refusesMoreThanAPickleMayBe() throws {
    // A frame, a global's name and a string without an end, followed by more bytes.
    let rest = [UInt8](repeating: 0x41, count: 2 << 20)
    for opcodes: [UInt8] in [
      [PickleOpcode.frame.rawValue] + littleEndian(1 << 40, 8), [PickleOpcode.global.rawValue],
      [PickleOpcode.binUnicode.rawValue] + littleEndian(0xffff_ffff, 4),
      [PickleOpcode.binString.rawValue] + littleEndian(0xffff_ffff, 4),
    ] {
      var file = LegacyTorchWriter()
      file.object = [0x80, 4] + opcodes + rest
      #expect(throws: ModelError.self) { try openWeights(file.bytes) }
    }
  }
}
