/// One text as the encoder reads it.
public struct EncoderInput: Sendable, Equatable {
  /// Token ids, [CLS] and [SEP] included; never empty, no more than the model has positions.
  public private(set) var tokens: [Int32]
  public let task: EncodingTask
  public let role: EncodingRole
  /// Tokens before the first of token type 1; all of them but in a pair.
  public let firstSegmentTokens: Int
  /// Tokens of a prompt in front, [CLS] included; 0 where there is none.
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

  /// The same without the spare room that an array keeps for growing.
  public func trimmed() -> EncoderInput {
    var input = self
    input.tokens = tokens.map(\.self)
    return input
  }
}

/// Sequences laid end to end, without padding, those of an expert next to each other.
///
/// A linear layer sees one tall matrix of all rows (one row a token); a task-specific layer runs once per group.
struct PackedBatch: Equatable {
  struct ExpertGroup: Equatable {
    let expert: Int
    var rows: Range<Int>
  }

  /// Rows of a pass: more gain no speed, and fewer leave the cache to the weights.
  static let maxRowsOfPass = 1_024

  /// Token ids of all rows.
  private(set) var tokens: [Int32] = []
  /// The rows of each sequence, ascending and without gaps.
  private(set) var sequences: [Range<Int>] = []
  /// For each sequence, how many of its rows are of token type 0; the others are of type 1.
  private(set) var firstSegmentRows: [Int] = []
  /// For each sequence, its place among the inputs.
  private(set) var inputIndices: [Int] = []
  /// The rows of each expert, ascending and without gaps.
  private(set) var groups: [ExpertGroup] = []

  var rows: Int { tokens.count }
  /// The expert that a row's sequence goes to.
  func expert(ofRow row: Int) -> Int { groups.first { $0.rows.contains(row) }?.expert ?? 0 }

  var longestSequence: Int { sequences.lazy.map(\.count).max() ?? 0 }

  /// Adds a sequence at the end. Sequences of one expert must come one after the other.
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

  /// Packs inputs into batches of at most `maxRows` rows (a longer sequence stands alone).
  ///
  /// Cutting keeps the activations of a pass in the cache; some hundred rows already give a matrix multiplication
  /// its full speed.
  /// - Parameter expert: of the input of an index.
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
