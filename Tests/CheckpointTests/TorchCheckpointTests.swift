import Testing

@testable import Checkpoint

@Suite struct TorchCheckpointTests {
  private static func oneTensor(_ tensor: Python, floats: Int = 4) -> [UInt8] {
    TorchZipWriter(
      .dictionary([("w", tensor)]), storages: [("0", floatBytes((0..<floats).map { Float($0) }))]
    ).bytes
  }

  @Test(arguments: [
    (offset: 0, shape: [5], strides: [1], reason: "reaches past its storage of 4 elements"),
    (offset: 1, shape: [4], strides: [1], reason: "reaches past"),
    (offset: 0, shape: [2, 2], strides: [4, 1], reason: "reaches past"),
    (offset: .max, shape: [2], strides: [1], reason: "overflows"),
    (offset: 0, shape: [.max, 2], strides: [1, 1], reason: "overflows"),
    (offset: 0, shape: [0, .max, 2], strides: [2, 2, 1], reason: "overflows"),
    (offset: 0, shape: [.max, 2, 0], strides: [1, 1, 1], reason: "overflows"),
    (offset: 0, shape: [.max], strides: [1], reason: "reaches past"),
    (offset: 0, shape: [3, 3], strides: [.max, .max], reason: "overflows"),
    (offset: -1, shape: [1], strides: [1], reason: "negative"),
    (offset: 0, shape: [-1], strides: [1], reason: "negative"),
    (offset: 3, shape: [2], strides: [-1], reason: "negative"),
    (offset: 0, shape: [2], strides: [], reason: "1 dimensions and 0 strides"),
    (offset: 0, shape: [1 << 40], strides: [0], reason: "repeats elements"),
    (offset: 0, shape: [2, 2], strides: [1, 1], reason: "repeats elements"),
    (offset: 5, shape: [0], strides: [1], reason: "reaches past"),
  ])
  func refusesViewsThatAreNotInTheirStorage(
    _ view: (offset: Int, shape: [Int], strides: [Int], reason: String)
  ) throws {
    let tensor = Python.tensor(
      key: "0", count: 4, offset: view.offset, shape: view.shape, strides: view.strides)
    try expectRefusal(Self.oneTensor(tensor), entry: "w", reason: view.reason)
  }

  @Test func acceptsSizesOfOneAndZeroWhateverTheirStrides() throws {
    for (shape, strides, values): ([Int], [Int], [Float]) in [
      ([1, 4], [0, 1], [0, 1, 2, 3]), ([4, 1], [1, .max], [0, 1, 2, 3]), ([0, 7], [.max, 0], []), ([], [], [0]),
    ] {
      let bytes = Self.oneTensor(.tensor(key: "0", count: 4, shape: shape, strides: strides))
      #expect(try openWeights(bytes).readFloats("w") == values)
    }
  }

  @Test func theDeviceMeansNothing() throws {
    let bytes = Self.oneTensor(.tensor(key: "0", count: 4, shape: [4], strides: [1], location: "cuda:0"))
    #expect(try openWeights(bytes).readFloats("w") == [0, 1, 2, 3])
  }

  @Test func refusesStoragesThatAreNotAsStated() throws {
    let storage = "its storage data/0 has 16 bytes"
    for count in [3, 5, .max, .max / 4] {
      try expectRefusal(
        Self.oneTensor(.tensor(key: "0", count: count, shape: [1], strides: [1])), entry: "w", reason: storage)
    }
    try expectRefusal(
      Self.oneTensor(.tensor(key: "9", count: 4, shape: [1], strides: [1])), entry: "w",
      reason: "its storage data/9 is not in the archive")
    try expectRefusal(
      Self.oneTensor(.tensor(key: "../data.pkl", count: 4, shape: [1], strides: [1])), entry: "w",
      reason: "is not in the archive")
  }

  @Test func refusesBigEndianFiles() throws {
    var file = TorchZipWriter(values: [1], shape: [1], strides: [1])
    file.byteOrder = "big"
    try expectRefusal(file.bytes, entry: "byteorder", reason: "only little-endian")
    file.byteOrder = nil
    #expect(try openWeights(file.bytes).readFloats("w") == [1])
  }

  @Test func refusesTorchScript() throws {
    for name in ["constants.pkl", "code/__torch__.py"] {
      var file = TorchZipWriter(values: [1], shape: [1], strides: [1])
      file.extra = [(name, [])]
      try expectRefusal(file.bytes, entry: nil, reason: "is a TorchScript archive")
    }
  }

  @Test func refusesZipFilesThatTorchDidNotWrite() throws {
    let document = ZipWriter(members: [.init(name: "word/document.xml", bytes: [])])
    try expectRefusal(document.bytes, entry: nil, reason: "is a zip file without data.pkl")
    try expectRefusal(ZipWriter(members: []).bytes, entry: nil, reason: "is a zip file without data.pkl")
    let two = ZipWriter(members: [.init(name: "a/data.pkl", bytes: []), .init(name: "b/data.pkl", bytes: [])])
    try expectRefusal(two.bytes, entry: nil, reason: "has 2 entries named data.pkl")
  }

  @Test func refusesWhatIsNotADictOfTensors() throws {
    try expectRefusal(TorchZipWriter(.list([])).bytes, entry: "data.pkl", reason: "holds a list, not a dict")
    try expectRefusal(TorchZipWriter(.dictionary([])).bytes, entry: nil, reason: "holds no tensors")
    try expectRefusal(
      TorchZipWriter(.dictionary([("epoch", .int(1))])).bytes, entry: "epoch", reason: "is an int, not a tensor")
    try expectRefusal(
      TorchZipWriter(.dictionary([("model_dict", .none), ("encoder_params", .dictionary([]))])).bytes,
      entry: "model_dict", reason: "is None, not a dict")
    try expectRefusal(
      TorchZipWriter(.dictionary([("model_dict", .dictionary([]))])).bytes, entry: "encoder_params",
      reason: "is missing")
    try expectRefusal(
      TorchZipWriter(.dictionary([("encoder_params", .dictionary([]))])).bytes, entry: "model_dict",
      reason: "is missing")
    let twice = Python.tensor(key: "0", count: 4, shape: [4], strides: [1])
    try expectRefusal(
      TorchZipWriter(.dictionary([("w", twice), ("w", twice)])).bytes, entry: "data.pkl",
      reason: "has the key w twice")
  }
}
