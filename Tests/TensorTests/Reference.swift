import Foundation
import TestSupport

@testable import Tensor

/// The operations by their definitions, in double precision.
enum Reference {
  static func gelu(_ x: Double) -> Double { x / 2 * (1 + erf(x / 2.0.squareRoot())) }

  static func geluByTanh(_ x: Double) -> Double {
    x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
  }

  static func softmax(_ row: [Double]) -> [Double] {
    let largest = row.max() ?? 0
    let powers = row.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  static func layerNorm(_ row: [Double], gamma: [Float], beta: [Float], epsilon: Double) -> [Double] {
    let mean = row.reduce(0, +) / Double(row.count)
    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
    return row.indices.map {
      (row[$0] - mean) / (variance + epsilon).squareRoot() * Double(gamma[$0]) + Double(beta[$0])
    }
  }

  /// a · bᵀ, both given by rows.
  static func product(_ a: [[Float]], transposed b: [[Float]]) -> [[Double]] {
    a.map { row in b.map { other in zip(row, other).reduce(0) { $0 + Double($1.0) * Double($1.1) } } }
  }
}

extension MatrixWindow {
  /// All rows, copied.
  var values: [[Float]] { (0..<rows).map { row($0) } }

  /// Writes all rows.
  func set(_ values: [[Float]]) {
    for (row, line) in values.enumerated() {
      setRow(row, toSumOf: .row(line), row: 0, and: .row(line.map { _ in 0 }), row: 0)
    }
  }
}

extension WeightTable {
  /// A table with the given rows.
  static func of(_ values: [[Float]]) -> WeightTable {
    WeightTable(rows: values.count, columns: values.first?.count ?? 0) { buffer in
      for (index, value) in values.joined().enumerated() { buffer[index] = value }
    }
  }

  static func row(_ values: [Float]) -> WeightTable { of([values]) }
}

/// The largest difference between the values and the expected ones.
func largestError(_ values: [[Float]], _ expected: [[Double]]) -> Double {
  guard values.map(\.count) == expected.map(\.count) else { return .infinity }
  return zip(values.joined(), expected.joined()).reduce(0) { largest, pair in
    let error = abs(Double(pair.0) - pair.1)
    return error.isNaN ? .infinity : max(largest, error)
  }
}
