import Foundation
import Tensor
import TestSupport
import Testing

@testable import Transformer

/// The end of a sub-layer with a bottleneck, compared with its definition, for all forms and for arbitrary widths.
@Suite struct BottleneckTests {
  private static let activations: [Activation] = [.gelu, .geluByTanh, .relu, .leakyReLU, .swish, .tanh]

  /// A pass of two experts without layers. Only the first has a bottleneck.
  private struct Stage {
    let sample: BottleneckCase
    let shape: EncoderShape
    let batch: PackedBatch

    init(_ form: Bottleneck, hiddenSizes: ClosedRange<Int>, using generator: inout SeededGenerator) throws {
      let (hidden, width) = (Int.random(in: hiddenSizes, using: &generator), Int.random(in: 1...70, using: &generator))
      let form = form.of(width: width)
      sample = BottleneckCase(form: form, hidden: hidden, width: width, using: &generator)
      let configuration = """
        {"family": "bert", "hiddenSize": \(hidden), "layers": 1, "heads": 1, "feedForwardSize": 3, "vocabularySize": 2,
        "maxPositions": 16, "tokenTypes": 2, "layerNormEpsilon": 0.001, "activation": "gelu"}
        """
      shape = EncoderShape(
        configuration: try JSONDecoder().decode(Configuration.self, from: Data(configuration.utf8)),
        layout: ExpertLayout(experts: 2, bottlenecks: [form, nil]), positionRows: 16, readsFirstRowsOnly: false)
      let inputs = (0..<2).map { _ in
        EncoderInput(
          tokens: [Int32](repeating: 0, count: Int.random(in: 1...9, using: &generator)), task: .search, role: .query)
      }
      batch = PackedBatch.packing(inputs, indices: [0, 1], maxRows: 100) { $0 }[0]
    }

    func weights<Linear: LinearLayer, Words: WordTable>(_: Linear.Type, _ words: Words) -> EncoderWeights<Linear, Words>
    {
      EncoderWeights(
        words: words, positions: .of([[Float](repeating: 0, count: sample.hidden)]), embeddingNorm: sample.norm.weights,
        layers: [])
    }

    func rows(using generator: inout SeededGenerator) -> [[Float]] {
      (0..<batch.rows).map { _ in generator.floats(sample.hidden).map { 2 * $0 } }
    }

    /// The rows by definition.
    func expected(update: [[Float]], around: [[Float]]) -> [[Double]] {
      zip(update, around).enumerated().map { index, pair in
        let (h, a) = (pair.0.map(Double.init), pair.1.map(Double.init))
        return batch.expert(ofRow: index) == 0
          ? sample.closed(update: h, around: a) : sample.closedPlainly(update: h, around: a)
      }
    }
  }

  @Test(arguments: activations)
  func everyFormIsAsDefinedInFloats(activation: Activation) throws {
    var generator = SeededGenerator(seed: 101)
    let scratch = FloatScratch()
    for form in Bottleneck.forms(activation) {
      let stage = try Stage(form, hiddenSizes: 1...70, using: &generator)
      let (update, around) = (stage.rows(using: &generator), stage.rows(using: &generator))
      let words = WeightTable.of([[Float](repeating: 0, count: stage.sample.hidden)])
      let pass = FloatPass(
        shape: stage.shape, weights: stage.weights(FloatLinear.self, words), batch: stage.batch, scratch: scratch,
        profile: nil)
      let rows = 0..<stage.batch.rows
      scratch.reserve(rows: rows.count, longestSequence: stage.batch.longestSequence, shape: stage.shape)
      scratch.hidden[rows: rows].fill(around)
      scratch.update[rows: rows].fill(update)
      pass.close([stage.sample.norm.weights], [stage.sample.weights(), nil])
      let error = largestError(scratch.hidden[rows: rows].values, stage.expected(update: update, around: around))
      #expect(error <= 2e-4, "\(form), hidden \(stage.sample.hidden)")
    }
  }

  /// Both products round activations and weights to 8 bits, so the error is a few hundredths of the values' size.
  @Test(arguments: activations)
  func everyFormIsAsDefinedInInt8(activation: Activation) throws {
    var generator = SeededGenerator(seed: 103)
    let memory = StripScratch()
    for form in Bottleneck.forms(activation) {
      let stage = try Stage(form, hiddenSizes: 4...70, using: &generator)
      let hidden = stage.sample.hidden
      let words = QuantizedTable(.of([[Float](repeating: 0, count: hidden)]))
      let weights = stage.weights(Int8Linear.self, words)
      let output: Int8Linear = BottleneckCase.Linear(outputs: hidden, inputs: hidden, using: &generator).layer()
      memory.reserve(rows: stage.batch.rows, shape: stage.shape)
      let states = Matrix(rows: stage.batch.rows, columns: hidden)
      let quantized = QuantizedRows(rows: stage.batch.rows, columns: hidden)
      let context = QuantizedRows(rows: stage.batch.rows, columns: hidden)
      let update = Matrix(rows: stage.batch.rows, columns: hidden)
      states.all.fill(stage.rows(using: &generator))
      context[rows: 0..<stage.batch.rows].quantize(states.all)
      output.apply(to: context[rows: 0..<stage.batch.rows], into: update.all)
      let around = stage.rows(using: &generator)
      states.all.fill(around)
      for (group, strip) in zip(stage.batch.groups, Strip.cutting(stage.batch, threads: 1, rows: .max / 2)) {
        let pass = Int8StripPass(
          shape: stage.shape, weights: weights, batch: stage.batch, scratch: Int8Scratch(), strip: strip,
          memory: memory,
          parts: Int.random(in: 1...5, using: &generator))
        var stages: [PassStage] = []
        pass.addClosing(
          output, of: context[rows: group.rows], states[rows: group.rows], quantized[rows: group.rows],
          stage.sample.norm.weights, group.expert == 0 ? stage.sample.weights() : nil,
          to: &stages)
        for closing in stages { closing.runAll(workspace: memory.attention, profile: nil) }
      }
      let expected = stage.expected(update: update.all.values, around: around)
      #expect(relativeError(states.all.values, expected) <= 0.03, "\(form), hidden \(hidden)")
      let plain = stage.batch.groups[1].rows
      #expect(largestError(states[rows: plain].values, Array(expected[plain])) <= 2e-4)

      // The input of the next layer is the same in 8 bits.
      let again = QuantizedRows(rows: stage.batch.rows, columns: hidden)
      again[rows: 0..<stage.batch.rows].quantize(states.all)
      #expect(
        Self.products(output, of: quantized, rows: stage.batch.rows)
          == Self.products(output, of: again, rows: stage.batch.rows))
    }
  }

  private static func products(_ linear: Int8Linear, of quantized: QuantizedRows, rows: Int) -> [[Float]] {
    let output = Matrix(rows: rows, columns: linear.outputs)
    linear.apply(to: quantized[rows: 0..<rows], into: output.all)
    return output.all.values
  }

  private func largestError(_ values: [[Float]], _ expected: [[Double]]) -> Double {
    guard values.map(\.count) == expected.map(\.count) else { return .infinity }
    return zip(values.joined(), expected.joined()).reduce(0) { largest, pair in
      let error = abs(Double(pair.0) - pair.1) / max(1, abs(pair.1))
      return error.isNaN ? .infinity : max(largest, error)
    }
  }

  /// The root mean square of the errors, relative to that of the values.
  private func relativeError(_ values: [[Float]], _ expected: [[Double]]) -> Double {
    let pairs = zip(values.joined(), expected.joined())
    let errors = pairs.reduce(0.0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
    let squares = pairs.reduce(0.0) { $0 + $1.1 * $1.1 }
    return (errors / squares).squareRoot()
  }
}
