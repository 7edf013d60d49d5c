/// One text in the encoder's form.
public struct EncoderInput: Sendable, Equatable {
  /// The token ids, including [CLS] and [SEP]; never empty, and no more than the model has positions.
  public private(set) var tokens: [Int32]
  public let task: EncodingTask
  public let role: EncodingRole
  /// The number of tokens before the first of token type 1; all of them except in a pair.
  public let firstSegmentTokens: Int
  /// The number of tokens of a prompt at the beginning, including [CLS]; 0 if there is none.
  public let promptTokens: Int

  public init(
    tokens: [Int32], task: EncodingTask, role: EncodingRole, firstSegmentTokens: Int? = nil, promptTokens: Int = 0
  ) {
    precondition(!tokens.isEmpty)
    self.tokens = tokens
    self.task = task
    self.role = role
    self.firstSegmentTokens = firstSegmentTokens ?? tokens.count
    self.promptTokens = promptTokens
  }

  /// The same input without the spare capacity of its arrays.
  public func trimmed() -> EncoderInput {
    var input = self
    input.tokens = tokens.map(\.self)
    return input
  }
}

/// Concatenated sequences, without padding, with those of one expert next to each other.
///
/// A linear layer processes one tall matrix of all rows (one row per token); a task-specific layer runs once per group.
struct PackedBatch: Equatable {
  struct ExpertGroup: Equatable {
    let expert: Int
    var rows: Range<Int>
  }

  /// Maximum rows of a pass: more rows are no faster, and fewer leave the CPU cache to the weights.
  static let maxRowsOfPass = 1_024

  /// The token ids of all rows.
  private(set) var tokens: [Int32] = []
  /// The rows of each sequence, ascending and without gaps.
  private(set) var sequences: [Range<Int>] = []
  /// For each sequence, the number of its rows with token type 0; the others have type 1.
  private(set) var firstSegmentRows: [Int] = []
  /// For each sequence, its position in the inputs.
  private(set) var inputIndices: [Int] = []
  /// The rows of each expert, ascending and without gaps.
  private(set) var groups: [ExpertGroup] = []

  var rows: Int { tokens.count }
  /// The expert of a row's sequence.
  func expert(ofRow row: Int) -> Int { groups.first { $0.rows.contains(row) }?.expert ?? 0 }

  var longestSequence: Int { sequences.lazy.map(\.count).max() ?? 0 }

  /// Adds a sequence at the end. Sequences of one expert must be consecutive.
  private mutating func append(_ input: EncoderInput, index: Int, expert: Int) {
    let range = rows..<rows + input.tokens.count
    tokens.append(contentsOf: input.tokens)
    sequences.append(range)
    firstSegmentRows.append(input.firstSegmentTokens)
    inputIndices.append(index)
    if groups.last?.expert == expert {
      groups[groups.count - 1].rows = groups[groups.count - 1].rows.lowerBound..<range.upperBound
    } else {
      groups.append(ExpertGroup(expert: expert, rows: range))
    }
  }

  /// Packs inputs into batches of at most `maxRows` rows (a longer sequence gets its own batch).
  ///
  /// Cutting keeps the activations of a pass in the CPU cache; some hundred rows are enough for the full speed of a
  /// matrix multiplication.
  /// - Parameter expert: the expert of the input with an index.
  static func packing(
    _ inputs: [EncoderInput], indices: [Int], maxRows: Int, expert: (Int) -> Int
  ) -> [PackedBatch] {
    let sorted = indices.map { (expert: expert($0), index: $0) }.sorted(by: <)
    var batches: [PackedBatch] = []
    var current = PackedBatch()
    for (expert, index) in sorted {
      if current.rows > 0, current.rows + inputs[index].tokens.count > maxRows {
        batches.append(current)
        current = PackedBatch()
      }
      current.append(inputs[index], index: index, expert: expert)
    }
    if current.rows > 0 { batches.append(current) }
    return batches
  }
}
