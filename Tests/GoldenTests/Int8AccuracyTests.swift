import Foundation
import Messages
import Service
import TestSupport
import Testing
import Transformer

/// The accuracy of a real model's embeddings in int8; MiniLM as in ``MiniLMTests``.
@Suite struct Int8AccuracyTests {
  private static let folder = ProcessInfo.processInfo.environment["SCIMULT_MINILM"]
  private static let isContinuousIntegration = ProcessInfo.processInfo.environment["CI"] != nil

  private struct Paper: Decodable {
    let title: String
    let abstract: String?
  }

  @Test(.enabled(if: folder != nil || isContinuousIntegration, "SCIMULT_MINILM names no folder"))
  func embeddingsOfPapersAreThoseOfFloat() throws {
    let cosines = try Self.cosines(of: Self.papers())
    let mean = cosines.reduce(0, +) / Float(cosines.count)
    let least = try #require(cosines.min())
    #expect(mean >= 0.999)
    #expect(least >= 0.996)
  }

  /// No words, literal special tokens, other scripts: few rows, whose errors do not average out.
  @Test(.enabled(if: folder != nil || isContinuousIntegration, "SCIMULT_MINILM names no folder"))
  func embeddingsOfOddTextsAreCloseToThoseOfFloat() throws {
    let odd = try GoldenRow.rows(of: Fixtures.golden + "/minilm.jsonl").map(\.content)
    let least = try #require(Self.cosines(of: odd).min())
    #expect(least >= 0.99)
  }

  private static func cosines(of texts: [Document.Content]) throws -> [Float] {
    let folder = try #require(folder)
    let model = try ServedModel(path: folder, precision: .int8)
    let reference = try ServedModel(path: folder, precision: .fp32)
    let inputs = texts.map { text in
      let tokens = model.reader.tokens(of: text, task: .search, role: .query)
      return EncoderInput(tokens: tokens.ids, task: .search, role: .query)
    }
    let pairs = zip(
      model.encoder.encode(inputs, scratch: Scratch()), reference.encoder.encode(inputs, scratch: Scratch()))
    // Both embeddings have length 1.
    return pairs.map { pair in zip(pair.0, pair.1).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  /// Papers with their abstracts, and only their titles.
  private static func papers() throws -> [Document.Content] {
    let path = Fixtures.root + "/../examples/papers.jsonl"
    let papers = try Fixtures.lines(of: path).map { try JSONDecoder().decode(Paper.self, from: Data($0.utf8)) }
    return papers.map { Document.Content.paper(title: $0.title, abstract: $0.abstract ?? "") }
      + papers.map { Document.Content.text($0.title) }
  }
}
