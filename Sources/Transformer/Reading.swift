/// How a model reads texts: their prefixes, the form of a paper, and the longest text.
public struct Reading: Sendable, Equatable, Codable {
  /// How a paper's title and abstract become one sequence.
  public enum PaperForm: String, Sendable, Codable, CaseIterable {
    /// `title [SEP] abstract`, all with token type 0, as in the training of SciMult and SPECTER.
    case separator
    /// A pair: the abstract and the [SEP] after it have token type 1, and the longer part is cut first, as in MedCPT's
    /// article encoder.
    case pair
  }

  /// A sentence for each task and role, in an instruction model.
  public let instructions: Instructions?
  /// The prefix of a text, by role; none if there are instructions.
  public let prompts: [EncodingRole: String]
  public let paperForm: PaperForm
  /// Whether texts are lowercased before the tokenizer reads them, whatever its own casing.
  public let lowercases: Bool
  /// The longest sequence by role, in tokens, including [CLS] and [SEP]; longer texts are cut.
  private let maxTokensByRole: [EncodingRole: Int]

  init(
    instructions: Instructions? = nil, prompts: [EncodingRole: String] = [:], paperForm: PaperForm = .separator,
    lowercases: Bool = false, maxTokens: [EncodingRole: Int]
  ) {
    self.instructions = instructions
    self.prompts = instructions == nil ? prompts.filter { !$0.value.isEmpty } : [:]
    self.paperForm = paperForm
    self.lowercases = lowercases
    maxTokensByRole = maxTokens
  }

  /// The longest sequence of a role, in tokens.
  public func maxTokens(_ role: EncodingRole) -> Int { maxTokensByRole[role] ?? 2 }

  /// The longest sequence of any role, in tokens.
  public var maxTokens: Int { EncodingRole.allCases.map(maxTokens).max() ?? 2 }

  /// Whether a model with this number of positions can read this way.
  func isServed(positions: Int) -> Bool {
    EncodingRole.allCases.allSatisfy { (2...positions).contains(maxTokensByRole[$0] ?? 0) }
      && instructions?.tasks.isEmpty != true
  }

  /// The prefix of a text; empty if there is none.
  /// - Parameter task: nil for no task, which has no instruction.
  public func prefix(task: EncodingTask?, role: EncodingRole) -> String {
    if let instructions { return task.flatMap { instructions[$0, role] }.map { $0 + " " } ?? "" }
    return prompts[role] ?? ""
  }
}
