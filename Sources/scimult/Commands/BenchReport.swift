#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The measurements of one workload.
struct BenchResult: Encodable {
  let name: String
  let sequences: Int
  let tokens: Int
  let passes: Int
  /// The seconds of a pass over all sequences.
  let medianS: Double
  let p10S: Double
  let p90S: Double
  let tokensPerS: Double
  let sequencesPerS: Double
  /// The multiply-accumulate operations (MACs) of matrix products per second.
  let macsPerS: Double
  /// The seconds of each stage of a pass on one thread.
  let stagesS: [String: Double]

  init(_ workload: BenchWorkload, products: Int, times: [Double], stages: [String: Double]) {
    name = workload.name
    sequences = workload.sequences.count
    tokens = workload.tokens
    passes = times.count
    medianS = times[times.count / 2]
    p10S = times[times.count / 10]
    p90S = times[times.count * 9 / 10]
    tokensPerS = Double(workload.tokens) / medianS
    sequencesPerS = Double(workload.sequences.count) / medianS
    macsPerS = Double(products) / medianS
    stagesS = stages
  }

  enum CodingKeys: String, CodingKey {
    case name, sequences, tokens, passes
    case medianS = "median_s"
    case p10S = "p10_s"
    case p90S = "p90_s"
    case tokensPerS = "tokens_per_s"
    case sequencesPerS = "sequences_per_s"
    case macsPerS = "macs_per_s"
    case stagesS = "stages_s"
  }
}

/// The output of `scimult bench`.
struct BenchReport: Encodable {
  let model: String
  let precision: String
  let kernels: String
  let threads: Int
  /// The peak of one core in this precision.
  let peakMacsPerS: Double
  let peakMacsPerCycle: Double
  let workloads: [BenchResult]

  enum CodingKeys: String, CodingKey {
    case model, precision, kernels, threads, workloads
    case peakMacsPerS = "peak_macs_per_s"
    case peakMacsPerCycle = "peak_macs_per_cycle"
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  func table() -> String {
    let head = "\(model), \(precision), \(kernels) kernels, \(threads) \(threads == 1 ? "thread" : "threads")\n"
    let peak =
      "\(precision) peak of a core: \(Self.decimal(peakMacsPerS / 1e9, places: 0)) GMAC/s, "
      + "\(Self.decimal(peakMacsPerCycle, places: 1)) a cycle\n"
    let times =
      [["workload", "sequences", "tokens", "median ms", "p10", "p90", "tokens/s", "sequences/s", "% of peak"]]
      + workloads.map { result in
        [result.name, String(result.sequences), String(result.tokens)]
          + [result.medianS, result.p10S, result.p90S].map { Self.decimal($0 * 1_000, places: 3) }
          + [Self.decimal(result.tokensPerS, places: 0), Self.decimal(result.sequencesPerS, places: 1)]
          + [Self.decimal(100 * result.macsPerS / (peakMacsPerS * Double(threads)), places: 1)]
      }
    let stages = Set(workloads.flatMap(\.stagesS.keys)).sorted()
    let shares =
      [["% of a pass"] + stages]
      + workloads.map { result in
        let total = result.stagesS.values.reduce(0, +)
        return [result.name] + stages.map { Self.decimal(100 * (result.stagesS[$0] ?? 0) / total, places: 1) }
      }
    return head + peak + Self.table(times) + "\n" + Self.table(shares)
  }

  /// A table with a header row. The first column is left-aligned, the others are right-aligned.
  private static func table(_ rows: [[String]]) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + padding : padding + cell
      }.joined(separator: "  ")
    }
    return lines.joined(separator: "\n") + "\n"
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
