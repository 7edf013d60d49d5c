import Checkpoint

/// A LoRA adapter, to be merged into the layers that it changes: W + s · B · A (Hu et al., arXiv 2106.09685), with
/// DoRA's magnitudes (Liu et al., arXiv 2402.09353) and changed biases if it has them.
struct LowRankAdapter: Sendable {
  private struct Product {
    /// r × inputs.
    let a: String
    /// outputs × r.
    let b: String
    let rank: Int
    let scale: Float
    /// outputs: the added bias, before scaling.
    var biasB: String?
    /// outputs: the lengths of the merged rows.
    var magnitude: String?
  }

  private let file: WeightsFile
  /// The products by the layer's name in the encoder.
  private let products: [String: Product]
  /// Tensors that replace biases, by the layer's name in the encoder.
  private let biases: [String: String]

  private static let start = "base_model.model."

  /// - Parameter family: the family that names the base's tensors.
  /// - Throws: `ModelError` for a tensor that changes the encoder in an unsupported way.
  init(
    _ settings: LowRankSettings, in file: WeightsFile, family: EncoderFamily, layers: Int
  ) throws(ModelError) {
    self.file = file
    let known = Set(EncoderPart.all(layers: layers, layout: .vanilla).flatMap(family.names(of:)))
    var products: [String: Product] = [:]
    var biases: [String: String] = [:]
    for name in file.tensors.keys.sorted() {
      let full = name.hasPrefix(Self.start) ? String(name.dropFirst(Self.start.count)) : name
      let own = full.hasPrefix(family.prefix) ? String(full.dropFirst(family.prefix.count)) : full
      // Changes of heads, including a pooler, change no embedding.
      if UnreadTensors.isHead(own) { continue }
      if let module = own.dropping(suffix: ".lora_A.weight"), known.contains(module) {
        let product = try Self.product(
          name, scale: { settings.scale(of: full.dropping(suffix: ".lora_A.weight") ?? full, rank: $0) }, in: file)
        try settings.check(module, hasMagnitudes: product.magnitude != nil, hasBias: product.biasB != nil)
        guard products.updateValue(product, forKey: module) == nil else {
          throw ModelError(file: file.path(of: name), entry: name, reason: "changes the layer \(module) a second time")
        }
      } else if let module = own.dropping(suffix: ".base_layer.bias") ?? own.dropping(suffix: ".bias"),
        known.contains(module)
      {
        biases[module] = name
      } else if let stem = Self.otherEndings.lazy.compactMap({ name.dropping(suffix: $0) }).first {
        let a = stem + ".lora_A.weight"
        guard file.tensors[a] != nil else {
          throw ModelError(file: file.path(of: name), entry: a, reason: "the tensor is missing")
        }
      } else {
        throw ModelError(
          file: file.path(of: name), entry: name,
          reason:
            "is not served of a LoRA adapter, of which linear layers and biases of the encoder's \(layers) layers are; "
            + "merge it (merge_and_unload) and save the model")
      }
    }
    guard !products.isEmpty || !biases.isEmpty else {
      throw ModelError(file: file.path, reason: "holds no lora_A of a layer of the encoder")
    }
    self.products = products
    self.biases = biases
  }

  /// The endings of a product's other tensors.
  private static let otherEndings = [
    ".lora_B.weight", ".lora_B.bias", ".lora_magnitude_vector.weight", ".lora_magnitude_vector",
  ]

  private static func product(
    _ a: String, scale: (_ rank: Int) -> Float, in file: WeightsFile
  ) throws(ModelError) -> Product {
    let stem = String(a.dropLast(".lora_A.weight".count))
    guard let shape = file.tensors[a]?.shape, shape.count == 2, shape[0] > 0 else {
      throw ModelError(file: file.path(of: a), entry: a, reason: "is no matrix")
    }
    func existing(_ endings: [String]) -> String? {
      endings.lazy.map { stem + $0 }.first { file.tensors[$0] != nil }
    }
    return Product(
      a: a, b: stem + ".lora_B.weight", rank: shape[0], scale: scale(shape[0]), biasB: existing([".lora_B.bias"]),
      magnitude: existing([".lora_magnitude_vector.weight", ".lora_magnitude_vector"]))
  }

  /// Whether the adapter changes a layer.
  func changes(_ module: String) -> Bool { products[module] != nil || biases[module] != nil }

  /// Refuses changes of layer norms that all experts share, because they cannot be changed for one expert.
  func refuseChangesOfSharedNorms(_ configuration: Configuration) throws(ModelError) {
    let shared = [EncoderPart.embeddingNorm] + (0..<configuration.layers).map { .attentionNorm(layer: $0) }
    for name in shared.flatMap(configuration.family.names(of:)) {
      guard let tensor = biases[name] else { continue }
      throw ModelError(
        file: file.path(of: tensor), entry: tensor,
        reason: "changes a layer norm that the model's experts share (bias \"all\"): train it with bias \"none\", or "
          + "serve it merged, by itself")
    }
  }

  /// Merges the adapter into the weights of a layer, outputs × inputs.
  func merge(into weights: UnsafeMutableBufferPointer<Float>, of module: String, inputs: Int) throws(ModelError) {
    guard let product = products[module] else { return }
    let outputs = weights.count / inputs
    let a = try read(product.a, [product.rank, inputs])
    let b = try read(product.b, [outputs, product.rank])
    let magnitudes = try product.magnitude.map { (name) throws(ModelError) in try read(name, [outputs]) }
    for output in 0..<outputs {
      let row = UnsafeMutableBufferPointer(rebasing: weights[output * inputs..<(output + 1) * inputs])
      for rank in 0..<product.rank {
        let factor = product.scale * b[output * product.rank + rank]
        for input in 0..<inputs { row[input] += factor * a[rank * inputs + input] }
      }
      guard let magnitudes else {
        try checkFinite(row, of: product)
        continue
      }
      let length = row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      guard length > 0 else {
        throw ModelError(
          file: file.path(of: product.a), entry: product.magnitude,
          reason: "stretches row \(output) of a layer that is all zeros")
      }
      let factor = Float(Double(magnitudes[output]) / length)
      for input in 0..<inputs { row[input] *= factor }
      try checkFinite(row, of: product)
    }
  }

  private func checkFinite(
    _ values: UnsafeMutableBufferPointer<Float>, of product: Product
  ) throws(ModelError) {
    guard values.allSatisfy(\.isFinite) else {
      throw ModelError(
        file: file.path(of: product.a), entry: product.a, reason: "merged, makes a value that is not finite")
    }
  }

  /// Replaces a layer's bias with the adapter's, and adds the bias of the product.
  func merge(intoBias bias: UnsafeMutableBufferPointer<Float>, of module: String) throws(ModelError) {
    if let name = biases[module] {
      try file.check(name, has: [bias.count])
      try file.readFloats(name, into: bias)
    }
    guard let product = products[module], let name = product.biasB else { return }
    let added = try read(name, [bias.count])
    for index in bias.indices { bias[index] += product.scale * added[index] }
    try checkFinite(bias, of: product)
  }

  private func read(_ name: String, _ shape: [Int]) throws(ModelError) -> [Float] {
    try file.check(name, has: shape)
    return try file.readFloats(name)
  }
}

extension String {
  /// The text before a suffix; nil if the text does not have it.
  fileprivate func dropping(suffix: String) -> String? {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : nil
  }
}
