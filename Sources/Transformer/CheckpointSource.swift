import Checkpoint
import Tensor

/// Reads an encoder's parts from a checkpoint, by PyTorch's names of its tensors, and checks their shapes. It merges an
/// expert's low-rank adapter into the layers that the adapter changes.
struct CheckpointSource: WeightsSource {
  let file: WeightsFile
  /// The prefix of the names of the encoder's tensors.
  let prefix: String
  let configuration: Configuration
  /// The adapters by expert; empty if there are no experts, or if they have their own names in the file.
  let adapters: [ExpertAdapter?]
  /// Receives each part as it is read.
  let digests: PartDigests
  /// The prefix of the parts' names in the digest.
  let digestPrefix: String

  /// - Parameter place: the encoder's position in the model.
  init(_ encoder: CheckpointEncoder, place: Int, configuration: Configuration, digests: PartDigests) {
    file = encoder.file
    prefix = encoder.prefix
    adapters = encoder.adapters
    self.configuration = configuration
    self.digests = digests
    digestPrefix = EncoderPartName.encoder(place)
  }

  private var family: EncoderFamily { configuration.family }

  func words<Words: WordTable>(rows: Int, columns: Int) throws(ModelError) -> Words {
    let words = try table(EncoderFamily.wordEmbeddings, rows, columns)
    digests.add(digestPrefix + EncoderPartName.words, words)
    return Words(words)
  }

  /// The embedding of a token type is added to the embeddings of all positions: type 0 here, and type 1, if there is
  /// one, in a second table below.
  func positions(rows: Int, columns: Int) throws(ModelError) -> WeightTable {
    let name = EncoderFamily.positionEmbeddings
    let positions = configuration.maxPositions
    try file.check(prefix + name, has: [positions, columns])
    let types = try family.tokenTypeEmbeddings.map { (name) throws(ModelError) in
      try self.rows(rows / positions, of: name, columns: columns)
    }
    let table = try WeightTable(rows: rows, columns: columns) { (values) throws(ModelError) in
      for type in 0..<rows / positions {
        let table = UnsafeMutableBufferPointer(
          rebasing: values[type * positions * columns..<(type + 1) * positions * columns])
        try file.readFloats(prefix + name, into: table)
        guard let types else { continue }
        for index in table.indices { table[index] += types[type * columns + index % columns] }
      }
    }
    digests.add(digestPrefix + EncoderPartName.positions, table)
    return table
  }

  func linear<Linear: LinearLayer>(
    _ part: EncoderPart, outputs: Int, inputs: Int
  ) throws(ModelError) -> Linear {
    let (weight, bias) = try tables(part, outputs: outputs, inputs: inputs)
    digests.add(digestPrefix + EncoderPartName.of(part), weight)
    digests.add(digestPrefix + EncoderPartName.of(part) + ".bias", bias)
    return Linear(weight: weight, bias: bias)
  }

  private func tables(
    _ part: EncoderPart, outputs: Int, inputs: Int
  ) throws(ModelError) -> (weight: WeightTable, bias: WeightTable) {
    if case .bottleneck(let piece, let site) = part {
      return try bottleneck(of: site.expert).tables(piece, at: site, shape: [outputs, inputs])
    }
    let (names, lowRank) = origin(of: part)
    let rows = outputs / names.count
    for name in names {
      try file.check("\(prefix)\(name).weight", has: [rows, inputs])
      try file.check("\(prefix)\(name).bias", has: [rows])
    }
    return (
      try stacked(names, "weight", rows: outputs, columns: inputs) { (name, values) throws(ModelError) in
        try lowRank?.merge(into: values, of: name, inputs: inputs)
      },
      try stacked(names, "bias", rows: 1, columns: outputs) { (name, values) throws(ModelError) in
        try lowRank?.merge(intoBias: values, of: name)
      }
    )
  }

  func layerNorm(_ part: EncoderPart, width: Int, epsilon: Float) throws(ModelError) -> LayerNormWeights {
    let (gamma, beta) = try normTables(part, width: width)
    let name = digestPrefix + EncoderPartName.of(part)
    digests.add(name + EncoderPartName.gamma, gamma)
    digests.add(name + EncoderPartName.beta, beta)
    return LayerNormWeights(gamma: gamma, beta: beta, epsilon: epsilon)
  }

  private func normTables(
    _ part: EncoderPart, width: Int
  ) throws(ModelError) -> (gamma: WeightTable, beta: WeightTable) {
    if case .bottleneck(let piece, let site) = part {
      let (gamma, beta) = try bottleneck(of: site.expert).tables(piece, at: site, shape: [width])
      return (gamma, beta)
    }
    let (names, lowRank) = origin(of: part)
    let name = names[0]
    // Files from before 2019 use gamma and beta.
    let old = file.tensors["\(prefix)\(name).weight"] == nil && file.tensors["\(prefix)\(name).gamma"] != nil
    let (gamma, beta) = old ? ("gamma", "beta") : ("weight", "bias")
    try file.check("\(prefix)\(name).\(gamma)", has: [width])
    try file.check("\(prefix)\(name).\(beta)", has: [width])
    return (
      try stacked([name], gamma, rows: 1, columns: width),
      try stacked([name], beta, rows: 1, columns: width) { (name, values) throws(ModelError) in
        try lowRank?.merge(intoBias: values, of: name)
      }
    )
  }

  private func bottleneck(of expert: Int) -> BottleneckTensors {
    guard case .bottleneck(let tensors)? = adapters[expert] else {
      preconditionFailure("a bottleneck of an expert that has none")
    }
    return tensors
  }

  /// The layers from which a part is read, and the adapter to merge into them.
  private func origin(of part: EncoderPart) -> (names: [String], LowRankAdapter?) {
    guard !adapters.isEmpty else { return (family.names(of: part), nil) }
    // If a model has only one adapter, it also changes the parts that all experts share.
    guard let expert = part.expert ?? (adapters.count == 1 ? 0 : nil), case .lowRank(let adapter)? = adapters[expert]
    else { return (family.names(of: part.shared), nil) }
    return (family.names(of: part.shared), adapter)
  }

  /// Concatenates tensors of one size.
  /// - Parameter change: called with each layer's name and values.
  private func stacked(
    _ layers: [String], _ ending: String, rows: Int, columns: Int,
    change: (String, UnsafeMutableBufferPointer<Float>) throws(ModelError) -> Void = { _, _ in }
  ) throws(ModelError) -> WeightTable {
    let count = rows * columns / layers.count
    return try WeightTable(rows: rows, columns: columns) { values throws(ModelError) in
      for (index, layer) in layers.enumerated() {
        let part = UnsafeMutableBufferPointer(rebasing: values[index * count..<(index + 1) * count])
        try file.readFloats("\(prefix)\(layer).\(ending)", into: part)
        try change(layer, part)
      }
    }
  }

  private func table(_ name: String, _ rows: Int, _ columns: Int) throws(ModelError) -> WeightTable {
    try file.check(prefix + name, has: [rows, columns])
    return try WeightTable(rows: rows, columns: columns) { (values) throws(ModelError) in
      try file.readFloats(prefix + name, into: values)
    }
  }

  /// The first rows of a table.
  private func rows(_ count: Int, of name: String, columns: Int) throws(ModelError) -> ArraySlice<Float> {
    try file.check(prefix + name, hasRows: count, columns: columns)
    return try file.readFloats(prefix + name)[..<(count * columns)]
  }
}
