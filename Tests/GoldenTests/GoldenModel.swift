import Service
import TestSupport
import Testing
import Transformer

/// A served model with PyTorch's rows for it, and the properties that every such model has.
struct GoldenModel {
  /// The maximum difference of a value from PyTorch's.
  static let tolerance: Float = 5e-5
  /// The maximum change of a value by other texts in the batch.
  static let companyTolerance: Float = 1e-5

  let model: ServedModel
  let rows: [GoldenRow]

  init(folder: String, expected: String) throws {
    model = try ServedModel(path: folder, precision: .fp32)
    rows = try GoldenRow.rows(of: expected)
    try #require(!rows.isEmpty)
  }

  var inputs: [EncoderInput] { rows.map { $0.input(of: model) } }

  func expectEqualTokens() {
    for (index, row) in rows.enumerated() {
      let task = row.task.flatMap { EncodingTask(name: $0) } ?? .search
      let role = row.role.flatMap { EncodingRole(rawValue: $0) } ?? .query
      let tokens = model.reader.tokens(of: row.content, task: task, role: role)
      #expect(tokens.ids == row.ids, "row \(index)")
      if let truncated = row.truncated { #expect(tokens.truncated == truncated, "row \(index)") }
    }
  }

  func expectEqualValues() {
    let alone = inputs.map { model.encoder.encode([$0], scratch: Scratch())[0] }
    let together = model.encoder.encode(inputs, scratch: Scratch())
    for (index, row) in rows.enumerated() {
      #expect(largestDifference(alone[index], row.embedding) <= Self.tolerance, "row \(index) alone")
      #expect(largestDifference(together[index], row.embedding) <= Self.tolerance, "row \(index) in one batch")
    }
  }

  /// Random batches of rows in any order, with repetitions, in scratch memory that other batches have used.
  func expectCompanyChangesRoundingAlone(rounds: Int, seed: UInt64) {
    let inputs = inputs
    let alone = inputs.map { model.encoder.encode([$0], scratch: Scratch())[0] }
    var generator = SeededGenerator(seed: seed)
    let scratch = Scratch()
    for _ in 0..<rounds {
      let count = Int.random(in: 2...max(2, min(40, 2 * inputs.count)), using: &generator)
      let chosen = (0..<count).map { _ in Int.random(in: inputs.indices, using: &generator) }
      let embeddings = model.encoder.encode(chosen.map { inputs[$0] }, scratch: scratch)
      for (embedding, index) in zip(embeddings, chosen) {
        #expect(largestDifference(embedding, alone[index]) <= Self.companyTolerance, "row \(index) among \(chosen)")
      }
    }
  }
}
