import Transformer

extension EncodingTask {
  /// The number of the contract's `Task`, which is also the topic of requests for the task.
  public var contractCode: Int32 {
    switch self {
    case .classification: 1
    case .linkPrediction: 2
    case .search: 3
    }
  }

  /// nil where the number is none of the tasks.
  public init?(contractCode: Int32) {
    guard let task = Self.allCases.first(where: { $0.contractCode == contractCode }) else { return nil }
    self = task
  }
}
