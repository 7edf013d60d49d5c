import Checkpoint
import Testing

@testable import Transformer

/// Typed access to a checkpoint's `encoder_params`.
@Suite struct EncoderParametersTests {
  private static let parameters = EncoderParameters([
    "yes": .bool(true), "no": .bool(false), "one": .int(1), "zero": .int(0), "two": .int(2), "none": .none,
    "text": .string("t"), "half": .double(0.5), "list": .list([]), "dict": .dictionary([:]),
  ])

  @Test func booleansMayBeZeroAndOne() throws {
    let parameters = Self.parameters
    #expect(try parameters.bool("yes") == true)
    #expect(try parameters.bool("no") == false)
    #expect(try parameters.bool("one") == true)
    #expect(try parameters.bool("zero") == false)
  }

  @Test func numbersAndTextsAreReadAsTheyAre() throws {
    #expect(try Self.parameters.int("two") == 2)
    #expect(try Self.parameters.string("text") == "t")
  }

  @Test(arguments: ["none", "absent"])
  func absentValuesAreNil(key: String) throws {
    #expect(try Self.parameters.bool(key) == nil)
    #expect(try Self.parameters.int(key) == nil)
    #expect(try Self.parameters.string(key) == nil)
  }

  @Test(arguments: ["two", "text", "half", "list", "dict"])
  func anythingButABooleanIsRefused(key: String) throws {
    let error = try #require(throws: ModelError.self) { try Self.parameters.bool(key) }
    #expect(error.entry == "encoder_params.\(key)")
  }

  @Test(arguments: ["yes", "text", "half", "list", "dict"])
  func anythingButANumberIsRefused(key: String) throws {
    #expect(throws: ModelError.self) { try Self.parameters.int(key) }
  }

  @Test(arguments: ["yes", "two", "half", "list", "dict"])
  func anythingButAStringIsRefused(key: String) throws {
    #expect(throws: ModelError.self) { try Self.parameters.string(key) }
  }

  @Test(
    arguments: [
      (["use_infer_expert": .bool(true)], "encoder_params.use_infer_expert"),
      (["projection_dim": .int(128)], "encoder_params.projection_dim"),
      (["projection_dim": .int(-1)], "encoder_params.projection_dim"),
      (["q_rep_method": .string("start_end_concat")], "encoder_params.q_rep_method"),
    ] as [([String: CheckpointValue], String)])
  func gatesAndProjectionsAreRefused(values: [String: CheckpointValue], entry: String) throws {
    let error = try #require(throws: ModelError.self) {
      try EncoderParameters(values).refuseGatesAndProjections(tensorNames: [])
    }
    #expect(error.entry == entry)
  }

  @Test func aGatesTensorIsRefused() throws {
    let error = try #require(throws: ModelError.self) {
      try EncoderParameters([:]).refuseGatesAndProjections(
        tensorNames: ["a.weight", "question_model.expert_gate.0.weight"])
    }
    #expect(error.entry == "question_model.expert_gate.0.weight")
  }

  @Test func headsThatAreNotInUseAreNoHindrance() throws {
    let parameters = EncoderParameters([
      "use_infer_expert": .bool(false), "projection_dim": .int(0), "q_rep_method": .string("start_token"),
      "per_layer_gating": .bool(false),
    ])
    try parameters.refuseGatesAndProjections(
      tensorNames: ["linear.weight", "span_proj.bias", "span_query.weight", "encode_proj.weight"])
  }
}
