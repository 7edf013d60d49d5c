import GRPC
import Messages
import Transformer

/// Converts requests from the wire to work, or reports the wrong field.
struct Validation {
  let model: ServedModel
  let maxDocuments: Int

  /// Maximum counted tokens of a text that is too long. Without it, a message full of such texts would take some ten
  /// times its memory. No model reads more tokens.
  static let maxCountedTokens = 65_536

  /// The documents of a request, in the encoder's form.
  struct Inputs {
    private(set) var inputs: [EncoderInput] = []
    private(set) var truncated: [Bool] = []

    mutating func append(_ input: EncoderInput, truncated isTruncated: Bool) {
      inputs.append(input)
      truncated.append(isTruncated)
    }

    func appending(_ input: EncoderInput, truncated isTruncated: Bool) -> Inputs {
      var all = self
      all.append(input, truncated: isTruncated)
      return all
    }
  }

  /// The task of a request, by its number, its name or both.
  func task(_ code: Int32, name: String) throws(Status) -> EncodingTask {
    guard let task = try Self.task(code, name: name) else {
      throw .invalid(
        "task", "must be set: TASK_CLASSIFICATION, TASK_LINK_PREDICTION or TASK_SEARCH; or task_name must be")
    }
    if let refusal = model.refusal(of: task) { throw Status(.failedPrecondition, refusal) }
    return task
  }

  /// nil if a request names no task.
  private static func task(_ code: Int32, name: String) throws(Status) -> EncodingTask? {
    let numbered = EncodingTask(contractCode: code)
    if code != 0, numbered == nil { throw .invalid("task", "\(code) is not a Task") }
    guard !name.isEmpty else { return numbered }
    guard let named = EncodingTask(name: name) else {
      throw .invalid("task_name", "is no task's name: it must be \(EncodingTask.nameRule)")
    }
    if let numbered, numbered != named {
      throw .invalid("task_name", "\"\(name)\" is another task than the one in task, \(numbered.rawValue)")
    }
    return named
  }

  func role(_ code: Int32) throws(Status) -> EncodingRole {
    switch code {
    case 0, 1: .query
    case 2: .candidate
    default: throw .invalid("role", "\(code) is not a Role")
    }
  }

  func format(_ code: Int32) throws(Status) -> EmbeddingFormat {
    guard let format = EmbeddingFormat(code: code) else {
      throw .invalid("format", "\(code) is not an EmbeddingFormat")
    }
    return format
  }

  /// Tokenises documents.
  /// - Parameter field: the request's name for them.
  func inputs(
    _ documents: [Document], field: String, task: EncodingTask, role: EncodingRole, rejectTruncation: Bool = false
  ) throws(Status) -> Inputs {
    guard !documents.isEmpty else {
      throw .invalid(field, "0 given; 1 to \(maxDocuments) are needed")
    }
    var result = Inputs()
    for (index, document) in documents.enumerated() {
      let (input, truncated) = try input(
        document, field: "\(field)[\(index)]", task: task, role: role, rejectTruncation: rejectTruncation)
      result.append(input, truncated: truncated)
    }
    return result
  }

  /// Tokenises one document.
  func input(
    _ document: Document, field: String, task: EncodingTask, role: EncodingRole, rejectTruncation: Bool = false
  ) throws(Status) -> (EncoderInput, truncated: Bool) {
    guard let content = document.content else {
      throw .invalid("\(field).content", "must be set: text or paper")
    }
    let tokens = model.reader.tokens(of: content, task: task, role: role)
    if tokens.truncated, rejectTruncation {
      let counted = model.reader.tokens(of: content, task: task, role: role, maxTokens: Self.maxCountedTokens)
      let count = (counted.truncated ? "more than " : "") + String(counted.ids.count)
      throw .invalid(
        field,
        "\(count) tokens; the model reads \(model.blueprint.reading.maxTokens(role)), and reject_truncation is set")
    }
    return (model.reader.input(tokens, task: task, role: role), tokens.truncated)
  }
}
