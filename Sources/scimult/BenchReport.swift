#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What one workload took.
struct BenchResult: Encodable {
  let name: String
  let sequences: Int
  let tokens: Int
  let passes: Int
  /// Seconds of a pass over all sequences.
  let medianS: Double
  let p10S: Double
  let p90S: Double
  let tokensPerS: Double
  let sequencesPerS: Double

  init(_ workload: BenchWorkload, times: [Double]) {
    name = workload.name
    sequences = workload.sequences.count
    tokens = workload.tokens
    passes = times.count
    medianS = times[times.count / 2]
    p10S = times[times.count / 10]
    p90S = times[times.count * 9 / 10]
    tokensPerS = Double(workload.tokens) / medianS
    sequencesPerS = Double(workload.sequences.count) / medianS
  }

  enum CodingKeys: String, CodingKey {
    case name, sequences, tokens, passes
    case medianS = "median_s"
    case p10S = "p10_s"
    case p90S = "p90_s"
    case tokensPerS = "tokens_per_s"
    case sequencesPerS = "sequences_per_s"
  }
}

/// What `scimult bench` prints.
struct BenchReport: Encodable {
  let model: String
  let precision: String
  let kernels: String
  let threads: Int
  let workloads: [BenchResult]

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  func table() -> String {
    let head = "\(model), \(precision), \(kernels) kernels, \(threads) \(threads == 1 ? "thread" : "threads")\n"
    let rows =
      [["workload", "sequences", "tokens", "median ms", "p10", "p90", "tokens/s", "sequences/s"]]
      + workloads.map { result in
        [result.name, String(result.sequences), String(result.tokens)]
          + [result.medianS, result.p10S, result.p90S].map { Self.decimal($0 * 1_000, places: 3) }
          + [Self.decimal(result.tokensPerS, places: 0), Self.decimal(result.sequencesPerS, places: 1)]
      }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + padding : padding + cell
      }.joined(separator: "  ")
    }
    return head + lines.joined(separator: "\n") + "\n"
  }

  private static func decimal(_ value: Double, places: Int) -> String {
    let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = Int((value * scale).rounded())
    guard places > 0 else { return String(scaled) }
    let digits = String(scaled)
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    return padded.dropLast(places) + "." + padded.suffix(places)
  }
}
