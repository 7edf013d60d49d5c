import Testing

@testable import Checkpoint

@Suite struct SafetensorsTests {
  private static func file(_ header: String, data: Int) -> [UInt8] {
    littleEndian(UInt64(header.utf8.count), 8) + Array(header.utf8) + [UInt8](repeating: 0, count: data)
  }

  private static func tensor(_ type: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
    #"{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
  }

  @Test func readsEscapesSpacesAndEmptyTensors() throws {
    let header =
      #"{ "__metadata__" : {"a\n":"b"} , "\u00e9\ud83d\ude00\/\"":"# + Self.tensor("F32", "[2]", 0, 8)
      + #","empty":"# + Self.tensor("F32", "[0, 9223372036854775807]", 8, 8)
      + #","scalar":"# + Self.tensor("BF16", "[ ]", 8, 10) + "}   "
    let file = try openWeights(Self.file(header, data: 10))
    #expect(file.tensors.keys.sorted() == ["empty", "scalar", "é😀/\""])
    #expect(try file.readFloats("é😀/\"") == [0, 0])
    #expect(try file.readFloats("empty") == [])
    #expect(try file.readFloats("scalar") == [0])
  }

  @Test func refusesOffsetsThatLeaveGapsOrOverlap() throws {
    for (a, b) in [((0, 4), (8, 12)), ((0, 8), (4, 12)), ((4, 8), (8, 12)), ((0, 4), (0, 4))] {
      let header =
        #"{"a":"# + Self.tensor("F32", "[\((a.1 - a.0) / 4)]", a.0, a.1) + #","b":"#
        + Self.tensor("F32", "[\((b.1 - b.0) / 4)]", b.0, b.1) + "}"
      let error = #expect(throws: ModelError.self) { try openWeights(Self.file(header, data: 12)) }
      #expect(error?.reason.contains("lies at bytes") == true)
    }
    let short = #"{"a":"# + Self.tensor("F32", "[2]", 0, 8) + "}"
    try expectRefusal(Self.file(short, data: 7), entry: "header", reason: "states 8 bytes of data, the file has 7")
    try expectRefusal(Self.file(short, data: 9), entry: "header", reason: "states 8 bytes of data, the file has 9")
    let backwards = #"{"a":"# + Self.tensor("F32", "[0]", 0, 8) + #","b":"# + Self.tensor("F32", "[0]", 8, 0) + "}"
    try expectRefusal(Self.file(backwards, data: 8), entry: "b", reason: "lies at bytes 8 to 0")
  }

  @Test func refusesShapesThatDisagreeWithTheirBytes() throws {
    for (shape, reason) in [
      ("[3]", "has 8 bytes, not those of shape [3]"), ("[9223372036854775807]", "overflows"),
      ("[4294967296,4294967296]", "overflows"), ("[0,9223372036854775807,2]", "overflows"), ("[0]", "has 8 bytes"),
    ] {
      try expectRefusal(
        Self.file(#"{"a":"# + Self.tensor("F32", shape, 0, 8) + "}", data: 8), entry: "a", reason: reason)
    }
    try expectRefusal(
      Self.file(#"{"a":"# + Self.tensor("F8_E4M3", "[8]", 0, 8) + "}", data: 8), entry: "a",
      reason: "has elements of type F8_E4M3, which is not supported")
  }

  @Test(arguments: [
    (#"{"a":1}"#, "no {"), (#"{"a":{}}"#, "tensor a lacks"), (#"{"a""#, "no :"), ("{", "no \""),
    (#"{"a":{"dtype":"F32","dtype":"F32"}}"#, "key dtype twice"), (#"{"a":{"code":"x"}}"#, "unknown key code"),
    (#"{"a":{"shape":[-1]}}"#, "no integer"), (#"{"a":{"shape":[9223372036854775808]}}"#, "no integer"),
    (#"{"a":{"shape":[1.5]}}"#, "no ]"), (#"{"a":{"data_offsets":[1]}}"#, "data_offsets are not two"),
    (#"{"\x":1}"#, "unknown escape"), (#"{"\ud800":1}"#, "half a surrogate pair"), (#"{"\u12"#, "four hexadecimal"),
    (#"{"a"#, "does not end"), ("{} x", "text after the end"), (#"{"__metadata__":{"a":{}}}"#, "no \""),
  ])
  func refusesOtherJSON(header: String, reason: String) throws {
    try expectRefusal(Self.file(header, data: 0), entry: "header", reason: reason)
  }

  @Test func refusesHeadersThatDoNotFit() throws {
    let head = Array(#"{"a":1}"#.utf8)
    try expectRefusal(littleEndian(1000, 8) + head, entry: "header", reason: "the file has 15: it is truncated")
    for size: UInt64 in [100_000_001, .max] {
      try expectRefusal(littleEndian(size, 8) + head, entry: "header", reason: "at most 100000000 are allowed")
    }
    try expectRefusal(Self.file("{}", data: 0), entry: nil, reason: "holds no tensors")
    let twice = #"{"a":"# + Self.tensor("F32", "[1]", 0, 4) + #","a":"# + Self.tensor("F32", "[1]", 4, 8) + "}"
    try expectRefusal(Self.file(twice, data: 8), entry: "a", reason: "is in the header twice")
  }
}
