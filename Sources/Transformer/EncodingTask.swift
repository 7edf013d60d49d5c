/// The purpose of an embedding. A model may have an expert for some of its tasks, or for all.
///
/// A task is its name: the contract's enum has numbers for three tasks, and a model may serve others.
public struct EncodingTask: RawRepresentable, Sendable, Hashable, Codable, CodingKeyRepresentable {
  public let rawValue: String

  public static let classification = EncodingTask(known: "classification")
  public static let linkPrediction = EncodingTask(known: "link_prediction")
  public static let search = EncodingTask(known: "search")
  /// SciRepEval's fourth task: from papers to numbers, such as citation counts. The contract has no number for it.
  static let regression = EncodingTask(known: "regression")

  /// The tasks of a model that specifies no tasks, in the contract's order.
  public static let standard: [EncodingTask] = [.classification, .linkPrediction, .search]

  /// Maximum length of a name, in bytes.
  public static let nameBytesMax = 64
  /// The rule for a task's name.
  public static let nameRule = "1 to \(nameBytesMax) bytes without control characters, and not \"none\""

  /// - Parameter rawValue: the name; the result is nil if it violates ``nameRule``.
  public init?(rawValue: String) {
    guard (1...Self.nameBytesMax).contains(rawValue.utf8.count),
      // Metrics use this name for requests without a task.
      rawValue != "none",
      rawValue.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
    else { return nil }
    self.rawValue = rawValue
  }

  /// Reads a task's name. In the contract's names, a hyphen is accepted for the underscore.
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
  /// Tasks in the order of lists: the contract's tasks, then others by name.
  static func ordered(_ tasks: some Sequence<EncodingTask>) -> [EncodingTask] {
    let all = Set(tasks)
    return EncodingTask.standard.filter(all.contains)
      + all.subtracting(EncodingTask.standard).sorted { $0.rawValue < $1.rawValue }
  }
}

/// The side of a dot product to which an embedding belongs. A model may have an encoder for each.
public enum EncodingRole: String, Sendable, CaseIterable, Codable, CodingKeyRepresentable {
  case query
  case candidate

  /// By default, an enum with raw values hashes these, and strings take several times as long.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .query: hasher.combine(0 as UInt8)
    case .candidate: hasher.combine(1 as UInt8)
    }
  }
}
