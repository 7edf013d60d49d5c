import Testing

@testable import Checkpoint

@Suite struct PickledParametersTests {
  private static func checkpoint(_ parameters: Python) -> [UInt8] {
    TorchZipWriter(
      .dictionary([
        ("model_dict", .dictionary([("w", .tensor(key: "0", count: 1, shape: [1], strides: [1]))])),
        ("encoder_params", parameters),
      ]), storages: [("0", floatBytes([1]))]
    ).bytes
  }

  private static func node(_ type: String, _ value: Python) -> Python {
    .object("omegaconf.nodes", type, state: .dictionary([("_metadata", .none), ("_val", value)]))
  }

  @Test func omegaConfBecomesPlainValues() throws {
    let content: [(String, Python)] = [
      ("any", Self.node("AnyNode", .int(3))), ("string", Self.node("StringNode", .string("x"))),
      ("float", Self.node("FloatNode", .double(0.5))), ("bool", Self.node("BooleanNode", .bool(true))),
      (
        "list",
        .object(
          "omegaconf.listconfig", "ListConfig",
          state: .dictionary([("_content", .list([Self.node("IntegerNode", .int(1))]))]))
      ),
    ]
    let config = Python.object(
      "omegaconf.dictconfig", "DictConfig", state: .dictionary([("_content", .dictionary(content))]))
    let file = try openWeights(Self.checkpoint(config))
    #expect(
      file.encoderParameters
        == [
          "any": .int(3), "string": .string("x"), "float": .double(0.5), "bool": .bool(true),
          "list": .list([.int(1)]),
        ])
  }

  @Test func theEncoderLevelIsTakenOff() throws {
    let flat = Python.dictionary([("encoder", .string("a name"))])
    #expect(try openWeights(Self.checkpoint(flat)).encoderParameters == ["encoder": .string("a name")])
    let nested = Python.dictionary([("do_lower_case", .bool(true)), ("encoder", .dictionary([("k", .none)]))])
    #expect(try openWeights(Self.checkpoint(nested)).encoderParameters == ["k": CheckpointValue.none])
  }

  @Test func refusesWhatIsNotPlain() throws {
    try expectRefusal(Self.checkpoint(.int(1)), entry: "encoder_params", reason: "is not a dict")
    let tensor = Python.tensor(key: "0", count: 1, shape: [1], strides: [1])
    try expectRefusal(
      Self.checkpoint(.dictionary([("a", .list([tensor]))])), entry: "encoder_params.a.0",
      reason: "is a tensor, not a plain value")
    try expectRefusal(
      Self.checkpoint(.dictionary([("a", .global("typing", "Any"))])), entry: "encoder_params.a", reason: "is a class")
    try expectRefusal(
      Self.checkpoint(.dictionary([("a", .object("omegaconf.nodes", "AnyNode", state: .dictionary([])))])),
      entry: "encoder_params.a", reason: "is an omegaconf.nodes.AnyNode without a value")
  }

  @Test func refusesSharingThatStandsForBillionsOfValues() throws {
    // Forty nested lists, each of which contains the previous list ten times.
    var opcodes = Python.list([.int(0)]).opcodes + [PickleOpcode.binPut.rawValue, 1]
    for _ in 0..<40 {
      let recall = [PickleOpcode.binGet.rawValue, 1]
      opcodes += Python.list(Array(repeating: .raw(recall), count: 10)).opcodes + [PickleOpcode.binPut.rawValue, 1]
    }
    try expectRefusal(
      Self.checkpoint(.dictionary([("laughs", .list([.raw(opcodes)]))])), entry: "encoder_params",
      reason: "holds more than 100000 values")
  }

  @Test func refusesAListThatHoldsItself() throws {
    let cycle: [UInt8] = [
      PickleOpcode.emptyList.rawValue, PickleOpcode.binPut.rawValue, 1, PickleOpcode.binGet.rawValue, 1,
      PickleOpcode.append.rawValue,
    ]
    try expectRefusal(
      Self.checkpoint(.dictionary([("cycle", .raw(cycle))])), entry: "encoder_params", reason: "nests deeper than 64")
  }
}
