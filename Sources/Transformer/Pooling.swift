import Tensor

/// How the hidden states of the last layer become one vector.
public struct Pooling: Sendable, Equatable, Codable {
  /// A pooling method, with sentence-transformers' name.
  public enum Method: String, Sendable, Codable, CaseIterable {
    /// The first token's state.
    case cls
    /// The largest value of each dimension.
    case max
    /// The mean over all tokens.
    case mean
    /// The sum divided by the square root of the number of tokens.
    case meanSqrtLength = "mean_sqrt_len_tokens"
    /// The mean with weights 1, 2, 3 … from the first token.
    case weightedMean = "weightedmean"
    /// The last token's state.
    case last = "lasttoken"
    /// The second token's state, which is that of the control code after [CLS], as in SciRepEval.
    case controlCode = "control_code"

    /// The methods of sentence-transformers.
    static let ofSentenceTransformers = allCases.filter { $0 != .controlCode }
  }

  /// One or more methods, whose vectors are concatenated.
  public let methods: [Method]

  public static let cls = Pooling(methods: [.cls])
  public static let mean = Pooling(methods: [.mean])

  /// The methods for people: "mean", "cls and max".
  public var description: String { methods.map(\.rawValue).joined(separator: " and ") }

  /// The vector of one sequence, with `methods` × hidden values.
  /// - Parameters:
  ///   - rows: the sequence's rows in `hidden`.
  ///   - first: the first row that counts; rows before it are left out, but keep their positions.
  func vector(of hidden: MatrixWindow, rows: Range<Int>, from first: Int) -> [Float] {
    let pooled = first..<rows.upperBound
    return methods.flatMap { method in
      switch method {
      case .cls: hidden.row(first)
      case .max: hidden.maximum(ofRows: pooled)
      case .mean: hidden.mean(ofRows: pooled)
      case .meanSqrtLength: hidden.sum(ofRows: pooled, dividedBy: Double(pooled.count).squareRoot()) { _ in 1 }
      case .weightedMean:
        hidden.sum(
          ofRows: pooled, dividedBy: pooled.reduce(0) { $0 + Self.weight(of: $1, in: rows) }
        ) { Self.weight(of: $0, in: rows) }
      case .last: hidden.row(rows.upperBound - 1)
      case .controlCode: hidden.row(min(rows.lowerBound + 1, rows.upperBound - 1))
      }
    }
  }

  private static func weight(of row: Int, in rows: Range<Int>) -> Double { Double(row - rows.lowerBound + 1) }
}
