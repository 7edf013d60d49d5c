import Checkpoint
import Messages
import Tokenizer
import Transformer

/// Converts documents to a model's input: the tokenizer, the prefixes of texts, and the longest text. It contains no
/// weights.
public struct DocumentReader: Sendable {
  public let blueprint: ModelBlueprint
  public let tokenizer: BertTokenizer

  private let tokenizerSource: TokenizerSource
  /// The number of tokens of each prompt that pooling leaves out, by the prefix of a text.
  private let promptTokens: [String: Int]

  /// Reads a model folder or a converted file, except for its weights.
  /// - Parameter experts: experts that the command line names in addition to the folder.
  /// - Throws: `ModelError`: one line with the file, the entry and the reason why the model cannot be served.
  public init(path: String, experts: [ExpertAssignment] = []) throws(ModelError) {
    if ConvertedFile.isOne(path: path) {
      guard experts.isEmpty else {
        throw ModelError(file: path, reason: "is converted: experts are laid into a folder's model")
      }
      let file = try ConvertedFile(path: path)
      blueprint = try ModelBlueprint(converted: file)
      tokenizerSource = .converted(file)
    } else {
      let folder = try ModelFolder(path: path)
      blueprint = try ModelBlueprint(folder: folder, experts: experts)
      tokenizerSource = .folder(blueprint.tokenizerFolder ?? folder)
    }
    tokenizer = try Self.tokenizer(tokenizerSource, blueprint)
    for folder in blueprint.otherTokenizerFolders {
      guard try Self.tokenizer(.folder(folder), blueprint).identity == tokenizer.identity else {
        throw ModelError(
          file: folder.path,
          reason: "reads texts otherwise than \(tokenizer.vocabularyPath): encoders of one model share a vocabulary")
      }
    }
    if blueprint.reading.paperForm == .pair, let refusal = tokenizer.pairRefusal {
      throw ModelError(file: refusal.file, reason: refusal.reason)
    }
    let rows = blueprint.configuration.vocabularySize
    guard tokenizer.vocabularySize <= rows else {
      throw ModelError(
        file: tokenizer.vocabularyPath,
        reason: "has \(tokenizer.vocabularySize) tokens, more than the \(rows) of vocab_size in config.json")
    }
    promptTokens = try Self.promptTokens(blueprint, tokenizer, path: path)
    try Self.checkControlCodes(blueprint, tokenizer, path: path)
  }

  /// Checks that each control code is one known token, because the code is pooled.
  private static func checkControlCodes(
    _ blueprint: ModelBlueprint, _ tokenizer: BertTokenizer, path: String
  ) throws(ModelError) {
    guard blueprint.head.pooling.methods == [.controlCode], let codes = blueprint.reading.instructions else { return }
    let limit = EncodingRole.allCases.map(blueprint.reading.maxTokens).min() ?? 2
    guard !tokenizer.cutsBeginnings, limit >= 3 else {
      throw ModelError(
        file: path + "/" + SciMultFile.name, entry: "control_codes",
        reason: limit < 3
          ? "leave no room for a text: it is cut to \(limit) tokens"
          : "would be cut off a text that is too long: truncation_side is left")
    }
    for task in codes.tasks {
      for role in EncodingRole.allCases {
        guard let code = codes[task, role], tokenizer.isOneToken(code) else {
          throw ModelError(
            file: path + "/" + SciMultFile.name, entry: "control_codes.\(task.rawValue)",
            reason: codes[task, role].map { "\"\($0)\" is not one token of the vocabulary" }
              ?? "has no code for \(role.rawValue)")
        }
      }
    }
  }

  private static func tokenizer(
    _ source: TokenizerSource, _ blueprint: ModelBlueprint
  ) throws(ModelError) -> BertTokenizer {
    let files = try source.read()
    do {
      return try BertTokenizer(files: files, lowercasesFirst: blueprint.reading.lowercases)
    } catch {
      throw ModelError(file: error.file, reason: error.reason)
    }
  }

  /// Reads the tokenizer's files again: the reader keeps none of their bytes.
  public func tokenizerFiles() throws(ModelError) -> TokenizerFiles { try tokenizerSource.read() }

  /// The number of tokens of each prompt, including [CLS], if pooling leaves prompts out.
  private static func promptTokens(
    _ blueprint: ModelBlueprint, _ tokenizer: BertTokenizer, path: String
  ) throws(ModelError) -> [String: Int] {
    guard !blueprint.head.poolsPrompt else { return [:] }
    var counts: [String: Int] = [:]
    for task in blueprint.tasks {
      for role in EncodingRole.allCases {
        let prefix = blueprint.reading.prefix(task: task, role: role)
        guard !prefix.isEmpty else { continue }
        let limit = blueprint.reading.maxTokens(role)
        let count = tokenizer.encode(prefix, maxTokens: limit).ids.count - 1
        guard count < limit - 1 else {
          throw ModelError(
            file: path, entry: "prompt of role \(role.rawValue)",
            reason:
              "leaves no room for a text in the \(limit) tokens that the model reads, and include_prompt "
              + "is false: shorten it")
        }
        counts[prefix] = count
      }
    }
    return counts
  }

  /// Why the model does not serve a task; nil if it does.
  /// - Parameter name: the model's name in the reason; its own name by default.
  public func refusal(of task: EncodingTask, name: String? = nil) -> String? {
    guard !blueprint.routing.serves(task) else { return nil }
    let names = blueprint.tasks.map(\.rawValue).joined(separator: ", ")
    return "the model \(name ?? blueprint.name) does not serve the task \(task.rawValue); it serves \(names)"
  }

  /// The token ids of a document.
  /// - Parameters:
  ///   - task: the task whose instruction comes first, in an instruction model; nil for none.
  ///   - maxTokens: the maximum number of ids; the model's own limit by default.
  public func tokens(
    of content: Document.Content, task: EncodingTask?, role: EncodingRole, maxTokens: Int? = nil
  ) -> TokenSequence {
    let prefix = blueprint.reading.prefix(task: task, role: role)
    let limit = maxTokens ?? blueprint.reading.maxTokens(role)
    switch (content, blueprint.reading.paperForm) {
    case (.text(let text), _):
      return tokenizer.encode(prefix + text, maxTokens: limit)
    case (.paper(let title, let abstract), .separator):
      return tokenizer.encode(prefix + tokenizer.joined(title: title, abstract: abstract), maxTokens: limit)
    case (.paper(let title, let abstract), .pair):
      return tokenizer.encode(prefix + title, abstract, maxTokens: limit)
    }
  }

  /// The encoder's input for a document's tokens.
  public func input(_ tokens: TokenSequence, task: EncodingTask, role: EncodingRole) -> EncoderInput {
    EncoderInput(
      tokens: tokens.ids, task: task, role: role, firstSegmentTokens: tokens.secondSegment,
      promptTokens: promptTokens.isEmpty ? 0 : promptTokens[blueprint.reading.prefix(task: task, role: role)] ?? 0)
  }
}
