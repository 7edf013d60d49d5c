import Foundation
import Tensor
import TestSupport

@testable import Transformer

/// A bottleneck of some form with random weights, and its results by definition, in double precision.
struct BottleneckCase {
  /// A layer norm's two tables.
  struct Norm {
    let gamma: [Float]
    let beta: [Float]
    let epsilon: Float

    init(width: Int, epsilon: Float, using generator: inout SeededGenerator) {
      gamma = generator.floats(width).map { 1 + $0 / 2 }
      beta = generator.floats(width).map { $0 / 2 }
      self.epsilon = epsilon
    }

    var weights: LayerNormWeights {
      LayerNormWeights(gamma: .of([gamma]), beta: .of([beta]), epsilon: epsilon)
    }

    func apply(to row: [Double]) -> [Double] {
      let mean = row.reduce(0, +) / Double(row.count)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
      return row.indices.map {
        (row[$0] - mean) / (variance + Double(epsilon)).squareRoot() * Double(gamma[$0]) + Double(beta[$0])
      }
    }
  }

  /// A linear layer's two tables.
  struct Linear {
    let weight: [[Float]]
    let bias: [Float]

    init(outputs: Int, inputs: Int, using generator: inout SeededGenerator) {
      let scale = 1 / Float(inputs).squareRoot()
      weight = (0..<outputs).map { _ in generator.floats(inputs).map { $0 * scale * 2 } }
      bias = generator.floats(outputs).map { $0 / 2 }
    }

    func layer<Layer: LinearLayer>() -> Layer { Layer(weight: .of(weight), bias: .of([bias])) }

    func apply(to row: [Double]) -> [Double] {
      zip(weight, bias).map { weights, bias in zip(weights, row).reduce(Double(bias)) { $0 + Double($1.0) * $1.1 } }
    }
  }

  let form: Bottleneck
  let hidden: Int
  let down: Linear
  let up: Linear
  /// The sub-layer's own norm.
  let norm: Norm
  let normBefore: Norm
  let normAfter: Norm

  init(form: Bottleneck, hidden: Int, width: Int, using generator: inout SeededGenerator) {
    self.form = form
    self.hidden = hidden
    down = Linear(outputs: width, inputs: hidden, using: &generator)
    up = Linear(outputs: hidden, inputs: width, using: &generator)
    norm = Norm(width: hidden, epsilon: 1e-3, using: &generator)
    normBefore = Norm(width: hidden, epsilon: Bottleneck.layerNormEpsilon, using: &generator)
    normAfter = Norm(width: hidden, epsilon: Bottleneck.layerNormEpsilon, using: &generator)
  }

  func weights<Layer: LinearLayer>() -> BottleneckWeights<Layer> {
    BottleneckWeights(
      form: form, down: down.layer(), up: up.layer(), normBefore: form.normalizesInput ? normBefore.weights : nil,
      normAfter: form.normalizesOutput ? normAfter.weights : nil)
  }

  /// The end of the sub-layer, including its own norm.
  /// - Parameters:
  ///   - update: h.
  ///   - around: a.
  func closed(update h: [Double], around a: [Double]) -> [Double] {
    let sum = zip(h, a).map(+)
    let x = form.readsNormalizedSum ? norm.apply(to: sum) : h
    let inner = down.apply(to: form.normalizesInput ? normBefore.apply(to: x) : x).map(activated)
    let y = up.apply(to: inner)
    let residual =
      switch form.residual {
      case .update: h
      case .sum: sum
      case .input: x
      }
    func normalized(_ row: [Double]) -> [Double] { form.normalizesOutput ? normAfter.apply(to: row) : row }
    let z = form.addsResidualFirst ? normalized(zip(y, residual).map(+)) : zip(normalized(y), residual).map(+)
    return form.closesWithNorm ? norm.apply(to: zip(z, a).map(+)) : z
  }

  /// The end of the sub-layer for an expert without a bottleneck.
  func closedPlainly(update h: [Double], around a: [Double]) -> [Double] { norm.apply(to: zip(h, a).map(+)) }

  private func activated(_ x: Double) -> Double {
    switch form.activation {
    case .gelu: x / 2 * (1 + erf(x / 2.0.squareRoot()))
    case .geluByTanh: x / 2 * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .relu: max(x, 0)
    case .leakyReLU: x < 0 ? x / 100 : x
    case .swish: x / (1 + exp(-x))
    case .tanh: Foundation.tanh(x)
    }
  }
}

extension WeightTable {
  /// A table with the given rows.
  static func of(_ rows: [[Float]]) -> WeightTable {
    WeightTable(rows: rows.count, columns: rows[0].count) { values in
      for (index, value) in rows.joined().enumerated() { values[index] = value }
    }
  }
}

extension MatrixWindow {
  /// All rows, copied.
  var values: [[Float]] { (0..<rows).map { row($0) } }

  /// Writes all rows.
  func fill(_ values: [[Float]]) {
    let zeros = WeightTable.of([[Float](repeating: 0, count: columns)])
    for (row, line) in values.enumerated() { setRow(row, toSumOf: .of([line]), row: 0, and: zeros, row: 0) }
  }
}

extension Bottleneck {
  /// All forms of an activation, including forms that no library writes.
  static func forms(_ activation: Activation) -> [Bottleneck] {
    (0..<32).flatMap { flags in
      [Residual.update, .sum, .input].map { residual in
        Bottleneck(
          activation: activation, readsNormalizedSum: flags & 1 > 0, residual: residual,
          normalizesInput: flags & 2 > 0, normalizesOutput: flags & 4 > 0, addsResidualFirst: flags & 8 > 0,
          closesWithNorm: flags & 16 > 0, widths: [:])
      }
    }
  }

  /// The same form with a certain width, after both sub-layers of one layer.
  func of(width: Int) -> Bottleneck {
    Bottleneck(
      activation: activation, readsNormalizedSum: readsNormalizedSum, residual: residual,
      normalizesInput: normalizesInput, normalizesOutput: normalizesOutput, addsResidualFirst: addsResidualFirst,
      closesWithNorm: closesWithNorm, widths: [.attention: [width], .output: [width]])
  }
}
