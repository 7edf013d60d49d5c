import Digest

/// Identifies all that a model's vectors depend on: weights in fp32, vocabulary, reading, experts, pooling and head. Not
/// what they are stored in, the model's name, or the arithmetic.
public struct Fingerprint: Sendable, Hashable, CustomStringConvertible {
  private let bytes: [UInt8]

  /// - Parameters:
  ///   - weights: what ``EncoderModel/weightsDigest`` gives.
  ///   - tokenizer: digest of all that ids depend on.
  public init(_ blueprint: ModelBlueprint, weights: [UInt8], tokenizer: [UInt8]) {
    var hasher = SHA256()
    hasher.update(Array(blueprint.identity.utf8))
    hasher.update(weights)
    hasher.update(tokenizer)
    bytes = Array(hasher.finalize().prefix(16))
  }

  /// The first 128 bits of SHA-256, in hexadecimal digits.
  public var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension ModelBlueprint {
  /// All of a model but weights and vocabulary that its vectors depend on, in words that stay the same from release to
  /// release.
  fileprivate var identity: String {
    let shape = configuration
    var lines = [
      "scimult 1",
      "\(shape.family.rawValue) \(shape.layers) \(shape.heads) \(shape.activation.rawValue) \(shape.layerNormEpsilon)",
      "papers \(reading.paperForm.rawValue)",
      "lowercases \(reading.lowercases)",
      "pooling \(head.pooling.methods.map(\.rawValue).joined(separator: " ")) prompt \(head.poolsPrompt)",
      "truncated \(head.truncatedDimensions.map(String.init) ?? "no")",
    ]
    lines += head.steps.map { step in
      switch step {
      case .normalize: "normalize"
      case .dense(let shape):
        "dense \(shape.inputs) \(shape.outputs) \(shape.activation.rawValue) \(shape.residual.rawValue)"
      }
    }
    lines += layouts.flatMap { layout in
      ["encoder \(layout.experts)"]
        + layout.bottlenecks.map { $0.map(\.identity) ?? "no bottleneck" }
    }
    for task in tasks {
      for role in EncodingRole.allCases {
        let route = routing[task, role]
        lines.append("task \(task.rawValue.debugDescription) \(role.rawValue) \(route.encoder) \(route.expert)")
        lines.append("reads \(reading.prefix(task: task, role: role).debugDescription) \(reading.maxTokens(role))")
      }
    }
    return lines.joined(separator: "\n")
  }
}

extension Bottleneck {
  fileprivate var identity: String {
    "bottleneck \(activation.rawValue) \(readsNormalizedSum) \(residual.rawValue) \(normalizesInput) "
      + "\(normalizesOutput) \(addsResidualFirst) \(closesWithNorm)"
  }
}
