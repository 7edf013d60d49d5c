import Testing

@testable import Checkpoint

/// Training states are refused with a message that says how to extract the model's tensors.
@Suite struct TrainingStateTests {
  private static let state = Python.dictionary([
    ("model.w", .tensor(key: "0", count: 1, shape: [1], strides: [1]))
  ])

  private static func file(_ items: [(String, Python)]) -> [UInt8] {
    TorchZipWriter(.dictionary(items), storages: [("0", floatBytes([1]))]).bytes
  }

  @Test func namesPyTorchLightning() throws {
    let items = [("epoch", Python.int(3)), ("pytorch-lightning_version", .string("2.5.0")), ("state_dict", Self.state)]
    try expectRefusal(
      Self.file(items), entry: nil,
      reason: #"is a PyTorch Lightning checkpoint: save its state_dict by itself: torch.save("#)
  }

  @Test func namesPyTorchLightningWhereItsClassesAreRefused() throws {
    let version: [UInt8] = Python.string("pytorch-lightning_version").opcodes + [PickleOpcode.memoize.rawValue]
    let opcodes =
      [PickleOpcode.emptyDictionary.rawValue, PickleOpcode.mark.rawValue] + version + Python.string("2.5.0").opcodes
      + Python.string("hyper_parameters").opcodes + Python.global("argparse", "Namespace").opcodes
      + [PickleOpcode.setItems.rawValue]
    try expectRefusal(
      TorchZipWriter(.raw(opcodes)).bytes, entry: "data.pkl",
      reason: "argparse.Namespace is not allowed: the file is a PyTorch Lightning checkpoint: save its state_dict")
  }

  @Test(arguments: ["state_dict", "model_state_dict", "model"])
  func namesTheValueThatHoldsTheTensors(key: String) throws {
    try expectRefusal(
      Self.file([("epoch", .int(3)), (key, Self.state), ("optimizer", .dictionary([]))]), entry: key,
      reason: #"weights_only=False)["\#(key)"], G)"#)
  }

  @Test func aSciMultCheckpointMayHoldTrainingStateToo() throws {
    let file = try openWeights(
      Self.file([
        ("state_dict", Self.state), ("model_dict", Self.state),
        ("encoder_params", .dictionary([("use_moe", .bool(false))])),
      ]))
    #expect(file.format == .scimult)
  }

  @Test func namesAWholeModel() throws {
    for (module, name) in [
      ("transformers.models.bert.modeling_bert", "BertModel"), ("torch.nn.modules.linear", "Linear"),
    ] {
      try expectRefusal(
        TorchZipWriter(.global(module, name)).bytes, entry: "data.pkl",
        reason: "\(module).\(name) is not allowed (the file holds a whole model, code included: save its state_dict()")
    }
  }

  @Test(arguments: [
    ("torch", "CharStorage", "int8 or int16"), ("torch", "QInt8Storage", "quantised"),
    ("torch._utils", "_rebuild_qtensor", "quantised"), ("torch._utils", "_rebuild_tensor_v3", "8-bit floats"),
    ("torch", "ComplexFloatStorage", "complex"),
  ])
  func namesElementsThatAreNotRead(module: String, name: String, kind: String) throws {
    try expectRefusal(
      TorchZipWriter(.global(module, name)).bytes, entry: "data.pkl",
      reason: "\(module).\(name): tensors of \(kind)")
  }
}
