import ArgumentParser
import Batching
import Service
import Tensor
import Transformer

/// `scimult bench`: measures the speed of the engine.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures the encoder's speed, without tokenising, on named workloads.",
    discussion: """
      The workloads are docs (64 papers of mixed length), queries (256 short ones), one_query and one_doc, of random \
      tokens that are the same at every run; or those of a file {"name": [[token ids…], …], …}. Reported are medians \
      of passes over all sequences of a workload, the share of the peak that the matrix products reach (what the \
      product instructions of the precision can do at best on one core, measured on the spot), and, from one thread, the \
      time of each stage.

      Examples:
        scimult bench --model models/scimult --threads 1
        scimult bench --model models/scimult --sequences workloads.json --json
      """)

  @OptionGroup var modelOptions: ModelOptions

  @Option(help: ArgumentHelp("Workloads: {\"name\": [[token ids…], …], …}.", valueName: "F.json"))
  var sequences: String?

  @Option(help: ArgumentHelp("Seconds to measure each workload for, after one pass to warm up.", valueName: "N"))
  var seconds = 3.0

  @Flag(help: "Give each sequence the next of the model's tasks and roles, so that passes mix its experts.")
  var mixed = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard seconds > 0, seconds <= 3_600 else { throw ValidationError("--seconds \(seconds) is outside 0 … 3600.") }
  }

  func run() async throws {
    let model = try modelOptions.load()
    let shape = model.blueprint.configuration
    let workloads =
      try sequences.map {
        try BenchWorkload.read(path: $0, vocabularySize: shape.vocabularySize, maxPositions: shape.maxPositions)
      } ?? BenchWorkload.standard(vocabularySize: shape.vocabularySize, maxPositions: shape.maxPositions)
    let tasks = model.blueprint.tasks
    let uses = mixed ? tasks.flatMap { task in EncodingRole.allCases.map { (task, $0) } } : [(tasks[0], .query)]
    let engine = BenchEngine(model: model.encoder, uses: uses, threads: modelOptions.threadCount)
    var results: [BenchResult] = []
    for workload in workloads { results.append(try await engine.measure(workload, seconds: seconds)) }
    let peak = ProductPeak.measure(model.encoder.precision.arithmetic)
    let report = BenchReport(
      model: model.name, precision: model.encoder.precision.rawValue,
      kernels: try InstructionSet.current.get().rawValue, threads: modelOptions.threadCount,
      peakMacsPerS: peak.macsPerS, peakMacsPerCycle: peak.macsPerCycle, workloads: results)
    let output = try OutputFile(path: "-")
    try output.write((json ? try report.json() : report.table()).utf8)
    try output.finish()
  }
}

extension EncoderPrecision {
  fileprivate var arithmetic: ProductPeak.Arithmetic {
    switch self {
    case .int8: .int8
    case .bf16: .bf16
    case .fp32: .fp32
    }
  }
}

/// Runs workloads: a single thread runs on the calling thread, several threads are workers.
private struct BenchEngine {
  let model: EncoderModel
  /// The tasks and roles, which the sequences use in rotation.
  let uses: [(EncodingTask, EncodingRole)]
  let threads: Int

  private static let minPasses = 3
  private static let maxPasses = 100_000

  func measure(_ workload: BenchWorkload, seconds: Double) async throws -> BenchResult {
    let inputs = workload.sequences.enumerated().map { index, tokens in
      let (task, role) = uses[index % uses.count]
      return EncoderInput(tokens: tokens, task: task, role: role)
    }
    let pass = makePass(inputs, tokens: workload.tokens)
    try await pass()
    var times: [Double] = []
    let end = ContinuousClock.now + .seconds(seconds)
    while times.count < Self.minPasses || (ContinuousClock.now < end && times.count < Self.maxPasses) {
      let time = try await ContinuousClock().measure { try await pass() }
      times.append(time / .seconds(1))
    }
    return BenchResult(
      workload, products: workload.sequences.reduce(0) { $0 + model.blueprint.products(tokens: $1.count) },
      times: times.sorted(), stages: profile(inputs))
  }

  /// The seconds of each stage of a pass, from separate passes, because measuring stages takes time.
  private func profile(_ inputs: [EncoderInput]) -> [String: Double] {
    let scratch = Scratch()
    _ = model.encode(inputs, scratch: scratch)
    let profile = Profile()
    for _ in 0..<Self.minPasses { _ = model.encode(inputs, scratch: scratch, profile: profile) }
    let stages = profile.seconds.map { ($0.rawValue, $1 / Double(Self.minPasses)) }
    return Dictionary(uniqueKeysWithValues: stages)
  }

  private func makePass(_ inputs: [EncoderInput], tokens: Int) -> () async throws -> Void {
    guard threads > 1 else {
      let scratch = Scratch()
      return { _ = model.encode(inputs, scratch: scratch) }
    }
    let runner = BatchRunner(model: model, threads: threads, maxBatchTokens: tokens, maxQueueTokens: .max)
    return { _ = try await runner.encode(inputs) }
  }
}
