import Transformer

extension EncodingTask {
  /// The number of the contract's `Task`; nil for a task without a number.
  public var contractCode: Int32? {
    switch self {
    case .classification: 1
    case .linkPrediction: 2
    case .search: 3
    default: nil
    }
  }

  /// nil if the number is not that of a task.
  public init?(contractCode: Int32) {
    guard let task = Self.standard.first(where: { $0.contractCode == contractCode }) else { return nil }
    self = task
  }
}

extension EncodingRole {
  /// The number of the contract's `Role`.
  var contractCode: Int32 {
    switch self {
    case .query: 1
    case .candidate: 2
    }
  }
}
