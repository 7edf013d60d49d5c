/// What an embedding is for. A model keeps an expert for some of its tasks, or for all.
///
/// A task is its name: the contract's enum numbers three, and a model may serve others.
public struct EncodingTask: RawRepresentable, Sendable, Hashable, Codable, CodingKeyRepresentable {
  public let rawValue: String

  public static let classification = EncodingTask(known: "classification")
  public static let linkPrediction = EncodingTask(known: "link_prediction")
  public static let search = EncodingTask(known: "search")
  /// SciRepEval's fourth: papers to numbers, such as citation counts. The contract has no number for it.
  static let regression = EncodingTask(known: "regression")

  /// The tasks that a model serves which says nothing of tasks, in the contract's order.
  public static let standard: [EncodingTask] = [.classification, .linkPrediction, .search]

  /// The longest name, in bytes.
  public static let nameBytesMax = 64
  /// What a name may be made of.
  public static let nameRule = "1 to \(nameBytesMax) bytes without control characters, and not \"none\""

  /// - Parameter rawValue: nil where it is not as ``nameRule`` says.
  public init?(rawValue: String) {
    guard (1...Self.nameBytesMax).contains(rawValue.utf8.count),
      // What metrics call requests without a task.
      rawValue != "none",
      rawValue.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
    else { return nil }
    self.rawValue = rawValue
  }

  /// Reads a task's name; in those of the contract's tasks a hyphen is accepted for the underscore.
  public init?(name: String) {
    let underscored = EncodingTask(rawValue: String(name.map { $0 == "-" ? "_" : $0 }))
    guard let task = underscored.flatMap({ Self.standard.contains($0) ? $0 : nil }) ?? EncodingTask(rawValue: name)
    else { return nil }
    self = task
  }

  private init(known: String) {
    rawValue = known
  }

  public init?(codingKey: some CodingKey) {
    self.init(rawValue: codingKey.stringValue)
  }

  public var codingKey: any CodingKey { Key(stringValue: rawValue) }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

extension [EncodingTask] {
  /// Tasks in the order in which they are listed: the contract's, then others by name.
  static func ordered(_ tasks: some Sequence<EncodingTask>) -> [EncodingTask] {
    let all = Set(tasks)
    return EncodingTask.standard.filter(all.contains)
      + all.subtracting(EncodingTask.standard).sorted { $0.rawValue < $1.rawValue }
  }
}

/// The side of a dot product that an embedding stands on. A model may keep an encoder for each.
public enum EncodingRole: String, Sendable, CaseIterable, Codable, CodingKeyRepresentable {
  case query
  case candidate
}
