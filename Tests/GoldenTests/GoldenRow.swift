import Foundation
import Messages
import Service
import TestSupport
import Transformer

/// One line of golden data: a document, and PyTorch's result for it.
struct GoldenRow: Decodable, Sendable {
  let title: String?
  let abstract: String?
  let text: String?
  let task: String?
  let role: String?
  let ids: [Int32]
  let truncated: Bool?
  let embedding: [Float]
  /// The first token's hidden state in the last layer, if it is not the embedding.
  let cls: [Float]?

  enum CodingKeys: String, CodingKey {
    case title, abstract, text, task, role, truncated, embedding, cls
    case ids = "input_ids"
  }

  static func rows(of path: String) throws -> [GoldenRow] {
    try Fixtures.lines(of: path).map { try JSONDecoder().decode(GoldenRow.self, from: Data($0.utf8)) }
  }

  var content: Document.Content {
    if let text { return .text(text) }
    return .paper(title: title ?? "", abstract: abstract ?? "")
  }

  /// The row's tokens, read by the model's own reader.
  func input(of model: ServedModel) -> EncoderInput {
    let task = task.flatMap { EncodingTask(name: $0) } ?? .search
    let role = role.flatMap { EncodingRole(rawValue: $0) } ?? .query
    return model.reader.input(model.reader.tokens(of: content, task: task, role: role), task: task, role: role)
  }
}
