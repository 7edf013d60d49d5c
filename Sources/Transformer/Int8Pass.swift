import Tensor

/// One run of a packed batch through one encoder with int8 matrix products.
///
/// Threads share a pass in one of two ways:
/// - A batch of several strips runs strip by strip. A layer has two phases: first the keys and values of all rows, then
///   everything else, for which a strip needs no other strip. Threads therefore synchronise twice per layer.
/// - A batch of one strip runs stage by stage, and threads share each stage.
struct Int8Pass {
  let shape: EncoderShape
  let weights: EncoderWeights<Int8Linear, QuantizedTable>
  let batch: PackedBatch
  /// The number of threads that may take part.
  let threads: Int
  let scratch: Int8Scratch
  let profile: Profile?

  /// Runs all layers.
  /// - Returns: the last layer's hidden states, rows × hidden; valid until the scratch memory is used again.
  func run(_ memory: StripScratch, crew: (any PassCrew)?) -> MatrixWindow {
    scratch.reserve(batch, configuration: shape.configuration)
    let (pass, isShared) = sharedPass(memory, crew)
    if isShared { crew?.offer(pass) }
    pass.lead(memory)
    if isShared { crew?.withdraw(pass) }
    return scratch.hidden[rows: 0..<batch.rows]
  }

  private func sharedPass(_ memory: StripScratch, _ crew: (any PassCrew)?) -> (pass: SharedPass, isShared: Bool) {
    let pause = { if let crew { crew.betweenItems() } }
    if threads > 1, isWorthSharing, let strip = Strip.single(batch, rows: Int8Linear.stripRows) {
      memory.reserve(rows: strip.rows.count, shape: shape)
      // Twice as many parts as threads, so that an interrupted thread delays the others by at most half of its share.
      let stages = stages(of: strip, memory, parts: 2 * threads)
      let pass = SharedPass(items: stages.map(\.items), pause: pause) { stage, item, own in
        stages[stage].run(item, own.attention)
      }
      return (pass, true)
    }
    let strips = Strip.cutting(batch, threads: threads, rows: Int8Linear.stripRows)
    let items = [Int](repeating: strips.count, count: 2 * weights.layers.count)
    let pass = SharedPass(items: items, pause: pause) { phase, item, own in run(phase: phase, of: strips[item], own) }
    return (pass, strips.count > 1)
  }

  /// Whether a second thread makes the pass faster: whether the pass takes much longer than waking a thread and
  /// synchronising with it at each stage (about 50 µs).
  private var isWorthSharing: Bool { batch.rows * weights.layers.count * shape.productsOfLayer >= 1 << 25 }

  private func run(phase: Int, of strip: Strip, _ memory: StripScratch) {
    memory.reserve(rows: strip.rows.count, shape: shape)
    let pass = stripPass(strip, memory, parts: 1)
    var stages: [PassStage] = []
    stages.reserveCapacity(Int8StripPass.stagesOfPhase)
    if phase == 0 { pass.addEmbedding(to: &stages) }
    if phase.isMultiple(of: 2) {
      pass.addProjection(layer: phase / 2, to: &stages)
    } else {
      pass.addTransformation(layer: phase / 2, to: &stages)
    }
    for stage in stages { stage.runAll(workspace: memory.attention, profile: profile) }
  }

  private func stages(of strip: Strip, _ memory: StripScratch, parts: Int) -> [PassStage] {
    let pass = stripPass(strip, memory, parts: parts)
    var stages: [PassStage] = []
    stages.reserveCapacity(2 * weights.layers.count * Int8StripPass.stagesOfPhase)
    pass.addEmbedding(to: &stages)
    for layer in weights.layers.indices {
      pass.addProjection(layer: layer, to: &stages)
      pass.addTransformation(layer: layer, to: &stages)
    }
    return stages
  }

  private func stripPass(_ strip: Strip, _ memory: StripScratch, parts: Int) -> Int8StripPass {
    Int8StripPass(
      shape: shape, weights: weights, batch: batch, scratch: scratch, strip: strip, memory: memory, parts: parts)
  }
}

extension EncoderShape {
  /// The number of MACs per row in the linear layers of one encoder layer.
  fileprivate var productsOfLayer: Int {
    configuration.hiddenSize * (4 * configuration.hiddenSize + 2 * configuration.feedForwardSize)
  }
}
