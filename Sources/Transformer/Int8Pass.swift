import Tensor

/// One run of a packed batch through one encoder with int8 matrix products.
///
/// Threads share a pass in one of two ways:
/// - A batch of several strips runs strip by strip. A layer has two phases: first the keys and values of all rows, then
///   everything else, for which a strip needs no other strip. Threads therefore synchronise twice per layer.
/// - A batch of one strip runs stage by stage, if threads are then faster, and they share each stage.
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
    if let strip = Strip.single(batch, rows: Int8Linear.stripRows) {
      run(strip, memory, crew)
    } else {
      let strips = Strip.cutting(batch, threads: threads, rows: Int8Linear.stripRows)
      lead(sharedPass(strips, crew), memory, isShared: strips.count > 1, crew)
    }
    return scratch.hidden[rows: 0..<batch.rows]
  }

  private func run(_ strip: Strip, _ memory: StripScratch, _ crew: (any PassCrew)?) {
    let effort = SharingGauge.Effort(
      products: batch.rows * weights.layers.count * shape.productsOfLayer,
      stages: weights.layers.count * Int8StripPass.stagesOfLayer, threads: threads)
    let isStaged = scratch.sharing.sharesNext(effort)
    let strips = isStaged ? [strip] : Strip.cutting(batch, threads: threads, rows: Int8Linear.stripRows)
    let isShared = isStaged || strips.count > 1
    let time = ContinuousClock().measure {
      let pass = isStaged ? stagedPass(strip, memory, crew) : sharedPass(strips, crew)
      lead(pass, memory, isShared: isShared, crew)
    }
    // Passes of several strips say nothing about stages.
    if isStaged == isShared { scratch.sharing.add(time, of: effort, isShared: isStaged) }
  }

  private func lead(_ pass: SharedPass, _ memory: StripScratch, isShared: Bool, _ crew: (any PassCrew)?) {
    if isShared { crew?.offer(pass) }
    pass.lead(memory)
    if isShared { crew?.withdraw(pass) }
  }

  private func sharedPass(_ strips: [Strip], _ crew: (any PassCrew)?) -> SharedPass {
    let items = [Int](repeating: strips.count, count: 2 * weights.layers.count)
    return SharedPass(
      items: items, pause: { crew?.betweenItems() },
      run: { phase, item, own in run(phase: phase, of: strips[item], own) })
  }

  private func stagedPass(_ strip: Strip, _ memory: StripScratch, _ crew: (any PassCrew)?) -> SharedPass {
    memory.reserve(rows: strip.rows.count, shape: shape)
    let stages = stages(of: strip, memory, parts: threads)
    return SharedPass(
      items: stages.map(\.items), pause: { crew?.betweenItems() },
      run: { stage, item, own in stages[stage].run(item, own.attention) })
  }

  private func run(phase: Int, of strip: Strip, _ memory: StripScratch) {
    memory.reserve(rows: strip.rows.count, shape: shape)
    let pass = stripPass(strip, memory, parts: 1)
    var stages: [PassStage] = []
    stages.reserveCapacity(Int8StripPass.stagesOfLayer)
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
    stages.reserveCapacity((weights.layers.count + 1) * Int8StripPass.stagesOfLayer)
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
