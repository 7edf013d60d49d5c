import Checkpoint
import TestSupport
import Testing

@testable import Transformer

/// Which layers and parts `moe_type` makes task-specific.
@Suite struct ExpertLayoutTests {
  /// The task-specific layers, from 0, of an encoder with twelve layers. A shorter encoder has only the first of these.
  private static let layersOfTwelve: [(rule: String, layers: [Int])] = [
    ("mod2", [1, 3, 5, 7, 9, 11]), ("mod3", [2, 5, 8, 11]), ("mod4", [3, 7, 11]), ("mod6", [5, 11]), ("mod12", [11]),
    ("ge6mod3", [5, 8, 11]), ("le7mod3", [0, 3, 6]),
  ]

  @Test(arguments: layersOfTwelve)
  func aRuleChoosesItsLayers(rule: String, layers: [Int]) throws {
    for count in 1...12 {
      let expected = layers.filter { $0 < count }
      let parameters = EncoderParameters.experts(rule + ":attn")
      if expected.isEmpty {
        let error = try #require(throws: ModelError.self) { try ExpertLayout(parameters: parameters, layers: count) }
        #expect(error.entry == "encoder_params.moe_type" && error.reason.contains(rule))
      } else {
        #expect(try ExpertLayout(parameters: parameters, layers: count).layers == expected, "\(count) layers")
      }
    }
  }

  @Test(
    arguments: [
      ("attn", true, false), ("fwd", false, true), ("attn+fwd", true, true), ("fwd_attn", true, true),
      ("attn:tok", true, false), ("fwd:attn", false, true), ("", false, false),
    ])
  func thePartsAreWhatStandsBetweenTheColons(parts: String, attention: Bool, feedForward: Bool) throws {
    let layout = try ExpertLayout(parameters: .experts("mod2:" + parts), layers: 4)
    #expect(layout.attentionLayers == (attention ? [1, 3] : []))
    #expect(layout.feedForwardLayers == (feedForward ? [1, 3] : []))
    #expect(layout.rule == "mod2:" + parts)
    #expect(layout.experts == 3)
    for layer in 0..<4 {
      let isChosen = [1, 3].contains(layer)
      #expect(layout.attentionExperts(inLayer: layer) == (isChosen && attention ? 3 : 1))
      #expect(layout.feedForwardExperts(inLayer: layer) == (isChosen && feedForward ? 3 : 1))
    }
  }

  @Test func withoutExpertsTheEncoderIsPlain() throws {
    for values in [
      [:], ["use_moe": .bool(false), "moe_type": .string("nonsense"), "num_expert": .int(7)],
      ["use_moe": CheckpointValue.none, "moe_type": .string("mod2:attn")],
    ] as [[String: CheckpointValue]] {
      let layout = try ExpertLayout(parameters: EncoderParameters(values), layers: 12)
      #expect(layout == .vanilla)
      #expect(layout.attentionExperts(inLayer: 1) == 1 && layout.feedForwardExperts(inLayer: 1) == 1)
    }
  }

  @Test(
    arguments: [
      ("mod5:attn", "mod5"), ("MOD2:attn", "MOD2"), ("le7mod3", "colon"), ("", "colon"), (":attn", "unknown"),
      (" mod2:attn", "unknown"), ("mod2:tok", "tok"), ("mod2:attn_tok", "tok"), ("mod13:attn", "mod13"),
    ])
  func aRuleThatCannotBeServedIsRefused(rule: String, reason: String) throws {
    let error = try #require(throws: ModelError.self) {
      try ExpertLayout(parameters: .experts(rule), layers: 12)
    }
    #expect(error.entry == "encoder_params.moe_type")
    #expect(error.reason.contains(reason))
    #expect(error.file == "model.ckpt")
  }

  @Test(arguments: [0, 1, 2, 4, -3])
  func onlyThreeExpertsMapToTasks(count: Int) throws {
    let error = try #require(throws: ModelError.self) {
      try ExpertLayout(parameters: .experts("mod2:attn", count: count), layers: 12)
    }
    #expect(error.entry == "encoder_params.num_expert")
    #expect(error.reason.contains("\(count)"))
  }

  @Test func aMissingRuleOrNumberIsRefused() throws {
    let withoutRule = EncoderParameters(["use_moe": .bool(true), "num_expert": .int(3)])
    #expect(throws: ModelError.self) { try ExpertLayout(parameters: withoutRule, layers: 12) }
    let withoutNumber = EncoderParameters(["use_moe": .bool(true), "moe_type": .string("mod2:attn")])
    #expect(throws: ModelError.self) { try ExpertLayout(parameters: withoutNumber, layers: 12) }
  }

  @Test func eachTaskHasItsExpertWhateverTheRole() throws {
    let routing = try ModelBlueprint(folder: ModelFolder(path: Fixtures.tinyExpert)).routing
    for role in EncodingRole.allCases {
      #expect(routing[.search, role] == ExpertRouting.Route(encoder: 0, expert: 0))
      #expect(routing[.linkPrediction, role] == ExpertRouting.Route(encoder: 0, expert: 1))
      #expect(routing[.classification, role] == ExpertRouting.Route(encoder: 0, expert: 2))
      for task in EncodingTask.standard { #expect(routing.name(of: task, role) == task.rawValue) }
    }
  }
}
