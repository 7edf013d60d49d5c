/// The form of a bottleneck adapter in the adapters library (Houlsby et al., arXiv 1902.00751; Pfeiffer et al., arXiv
/// 2005.00247): two layers with an activation between them, after a sub-layer of each Transformer layer.
///
/// With h the sub-layer's update, a the sub-layer's residual, and LN its layer norm:
///
///     x = LN(h + a), or h                       ``readsNormalizedSum``
///     y = U · activation(D · x + d) + u         x normalised by a norm of its own before it: ``normalizesInput``
///     z = y + r, r being h, h + a or x          ``residual``; normalised before or after: ``normalizesOutput``
///     out = LN(z + a), or z                     ``closesWithNorm``
public struct Bottleneck: Sendable, Equatable, Codable {
  /// The sub-layer that the bottleneck follows.
  public enum Place: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
    case attention
    /// The feed-forward network.
    case output
  }

  /// The bottleneck's residual.
  public enum Residual: String, Sendable, Codable {
    /// h
    case update
    /// h + a
    case sum
    /// x
    case input
  }

  public let activation: Activation
  let readsNormalizedSum: Bool
  let residual: Residual
  let normalizesInput: Bool
  let normalizesOutput: Bool
  /// Whether the residual is added before the output is normalised, not after.
  let addsResidualFirst: Bool
  let closesWithNorm: Bool
  /// The width between the two layers, by the encoder's layer; 0 if the adapter has no bottleneck there.
  let widths: [Place: [Int]]

  /// PyTorch's default, which the adapter's norms use.
  static let layerNormEpsilon: Float = 1e-5
  static let widthMax = 65_536

  /// The width between the two layers; nil if there is no bottleneck.
  func width(_ place: Place, layer: Int) -> Int? {
    guard let width = widths[place]?[layer], width > 0 else { return nil }
    return width
  }

  /// The width of the widest bottleneck.
  var widest: Int { widths.values.flatMap(\.self).max() ?? 0 }

  /// Whether the form fits an encoder with this number of layers.
  func isServed(layers: Int) -> Bool {
    widths.values.allSatisfy { $0.count == layers && $0.allSatisfy { (0...Self.widthMax).contains($0) } }
  }
}

extension Bottleneck? {
  /// The width between the two layers; nil if there is no bottleneck.
  func width(_ place: Bottleneck.Place, layer: Int) -> Int? { self?.width(place, layer: layer) }
}
