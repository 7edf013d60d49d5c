import Glibc

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A named list of token sequences to measure.
struct BenchWorkload: Sendable {
  let name: String
  let sequences: [[Int32]]

  var tokens: Int { sequences.reduce(0) { $0 + $1.count } }

  /// Reads `{name: [[token ids…], …]}`, in the order of the names.
  /// - Throws: ``Failure`` that names the workload that the model cannot read.
  static func read(path: String, vocabularySize: Int, maxPositions: Int) throws -> [BenchWorkload] {
    let file: [String: [[Int32]]]
    do {
      file = try JSONDecoder().decode([String: [[Int32]]].self, from: Data(contentsOf: URL(filePath: path)))
    } catch is DecodingError {
      throw Failure("\(path): expected {\"name\": [[token ids…], …], …}")
    } catch {
      throw Failure("\(path): cannot be read")
    }
    let workloads = file.map { BenchWorkload(name: $0, sequences: $1) }.sorted { $0.name < $1.name }
    guard !workloads.isEmpty else {
      throw Failure("\(path): no workloads; expected {\"name\": [[token ids…], …], …}")
    }
    for workload in workloads {
      guard !workload.sequences.isEmpty else { throw Failure("\(path): \(workload.name): no sequences") }
      for (index, sequence) in workload.sequences.enumerated() {
        guard (1...maxPositions).contains(sequence.count) else {
          throw Failure(
            "\(path): \(workload.name)[\(index)]: \(sequence.count) tokens; the model reads 1 to \(maxPositions)")
        }
        guard let bad = sequence.first(where: { $0 < 0 || $0 >= vocabularySize }) else { continue }
        throw Failure(
          "\(path): \(workload.name)[\(index)]: token \(bad) is outside the vocabulary of \(vocabularySize)")
      }
    }
    return workloads
  }

  /// Papers and queries of random tokens, the same at every call: 64 papers of mixed length, 256 short queries, one
  /// paper alone and one query alone.
  static func standard(vocabularySize: Int, maxPositions: Int) -> [BenchWorkload] {
    var random = SplitMix64(state: 0)
    func sequence(_ length: Double, _ range: ClosedRange<Double>) -> [Int32] {
      let count = min(Int(min(max(length, range.lowerBound), range.upperBound).rounded()), maxPositions)
      return (0..<max(count, 1)).map { _ in Int32.random(in: 0..<Int32(vocabularySize), using: &random) }
    }
    // The lengths of abstracts have a long tail; those of queries do not.
    let papers = (0..<64).map { _ in sequence(205 * exp(0.4 * random.normal()), 20...512) }
    let queries = (0..<256).map { _ in sequence(12 + 5 * random.normal(), 4...32) }
    return [
      BenchWorkload(name: "docs", sequences: papers),
      BenchWorkload(name: "queries", sequences: queries),
      BenchWorkload(name: "one_query", sequences: [sequence(12, 12...12)]),
      BenchWorkload(name: "one_doc", sequences: [sequence(220, 220...220)]),
    ]
  }
}

/// Sebastiano Vigna's splitmix64, which gives the same numbers on every machine.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A normally distributed number, by the Box–Muller method.
  mutating func normal() -> Double {
    let radius = (-2 * log(Double.random(in: Double.leastNonzeroMagnitude...1, using: &self))).squareRoot()
    return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &self))
  }
}
