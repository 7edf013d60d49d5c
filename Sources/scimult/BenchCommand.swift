import ArgumentParser
import Batching
import Service
import Tensor
import Transformer

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `scimult bench`: the engine's own speed.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures the encoder's speed, without tokenising, on named workloads.",
    discussion: """
      The workloads are docs (64 papers of mixed length), queries (256 short ones), one_query and one_doc, of random \
      tokens that are the same at every run; or those of a file {"name": [[token ids…], …], …}. Reported are medians \
      of passes over all sequences of a workload.

      Examples:
        scimult bench --model models/scimult --threads 1
        scimult bench --model models/scimult --sequences workloads.json --json
      """)

  @OptionGroup var modelOptions: ModelOptions

  @Option(help: ArgumentHelp("Workloads: {\"name\": [[token ids…], …], …}.", valueName: "F.json"))
  var sequences: String?

  @Option(help: ArgumentHelp("Seconds to measure each workload for, after one pass to warm up.", valueName: "N"))
  var seconds = 3.0

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard seconds > 0, seconds <= 3_600 else { throw ValidationError("--seconds \(seconds) is outside 0 … 3600.") }
  }

  func run() async throws {
    let model = try ServedModel(folder: modelOptions.model)
    let shape = model.blueprint.configuration
    let workloads =
      try sequences.map {
        try BenchWorkload.read(path: $0, vocabularySize: shape.vocabularySize, maxPositions: shape.maxPositions)
      } ?? BenchWorkload.standard(vocabularySize: shape.vocabularySize, maxPositions: shape.maxPositions)
    let engine = BenchEngine(model: model.encoder, task: model.blueprint.tasks[0], threads: modelOptions.threadCount)
    var results: [BenchResult] = []
    for workload in workloads { results.append(try await engine.measure(workload, seconds: seconds)) }
    let report = BenchReport(
      model: model.name, precision: try modelOptions.precision.resolved().rawValue,
      kernels: try InstructionSet.current.get().rawValue, threads: modelOptions.threadCount, workloads: results)
    let output = try OutputFile(path: "-")
    try output.write((json ? try report.json() : report.table()).utf8)
    try output.finish()
  }
}

/// Runs workloads: on this thread where there is one, on workers where there are more.
private struct BenchEngine {
  let model: EncoderModel
  let task: EncodingTask
  let threads: Int

  private static let minPasses = 3
  private static let maxPasses = 100_000

  func measure(_ workload: BenchWorkload, seconds: Double) async throws -> BenchResult {
    let inputs = workload.sequences.map { EncoderInput(tokens: $0, task: task, role: .query) }
    let pass = makePass(inputs, tokens: workload.tokens)
    try await pass()
    var times: [Double] = []
    let end = ContinuousClock.now + .seconds(seconds)
    while times.count < Self.minPasses || (ContinuousClock.now < end && times.count < Self.maxPasses) {
      let time = try await ContinuousClock().measure { try await pass() }
      times.append(time / .seconds(1))
    }
    return BenchResult(workload, times: times.sorted())
  }

  private func makePass(_ inputs: [EncoderInput], tokens: Int) -> () async throws -> Void {
    guard threads > 1 else {
      GEMM.useCallingThreadOnly()
      let scratch = Scratch()
      return { _ = model.encode(inputs, scratch: scratch) }
    }
    let runner = BatchRunner(model: model, threads: threads, maxBatchTokens: tokens, maxQueueTokens: .max)
    return { _ = try await runner.encode(inputs) }
  }
}

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
