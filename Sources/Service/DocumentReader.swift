import Checkpoint
import Messages
import Tokenizer
import Transformer

/// How a model reads texts: its tokenizer, its instructions, and how long a text may be. No weights.
public struct DocumentReader: Sendable {
  public let blueprint: ModelBlueprint
  public let tokenizer: BertTokenizer

  /// What the tokenizer was read from.
  public let tokenizerFiles: TokenizerFiles

  /// Reads a model folder or a converted file, weights aside.
  /// - Throws: `ModelError`: one line with the file, the entry and the reason why the model cannot be served.
  public init(path: String) throws(ModelError) {
    if ConvertedFile.isOne(path: path) {
      let file = try ConvertedFile(path: path)
      blueprint = try ModelBlueprint(converted: file)
      var contents: [String: [UInt8]] = [:]
      for name in TokenizerFiles.names { contents[name] = file.bytes(of: name).map { Array($0) } }
      tokenizerFiles = .contents(contents, path: path)
    } else {
      blueprint = try ModelBlueprint(folder: ModelFolder(path: path))
      tokenizerFiles = .folder(path)
    }
    do {
      tokenizer = try BertTokenizer(files: tokenizerFiles)
    } catch {
      throw ModelError(file: error.file, reason: error.reason)
    }
    let rows = blueprint.configuration.vocabularySize
    guard tokenizer.vocabularySize <= rows else {
      throw ModelError(
        file: tokenizer.vocabularyPath,
        reason: "has \(tokenizer.vocabularySize) tokens, more than the \(rows) of vocab_size in config.json")
    }
  }

  /// The token ids that the model reads of a document.
  /// - Parameters:
  ///   - task: whose instruction comes first, in an instruction model; nil for none.
  ///   - maxTokens: ids beyond this are cut; the model's own limit by default.
  public func tokens(
    of content: Document.Content, task: EncodingTask?, role: EncodingRole, maxTokens: Int? = nil
  ) -> TokenSequence {
    var text =
      switch content {
      case .text(let text): text
      case .paper(let title, let abstract): DocumentFormat.paper(title: title, abstract: abstract)
      }
    if let task, let instruction = blueprint.instructions?[task, role] {
      text = DocumentFormat.instructed(instruction, text)
    }
    return tokenizer.encode(text, maxTokens: maxTokens ?? blueprint.maxTokens)
  }
}
