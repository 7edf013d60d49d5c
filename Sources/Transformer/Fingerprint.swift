import Digest

/// Identifies everything that determines a model's vectors: weights in fp32, vocabulary, reading, experts, pooling and
/// head. It does not depend on the storage format, the model's name, or the arithmetic.
public struct Fingerprint: Sendable, Hashable, CustomStringConvertible {
  private let bytes: [UInt8]

  /// - Parameters:
  ///   - weights: the value of ``EncoderModel/weightsDigest``.
  ///   - tokenizer: a digest of everything that determines ids.
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
  /// Everything except weights and vocabulary that determines a model's vectors, as text that stays the same from
  /// release to release.
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
