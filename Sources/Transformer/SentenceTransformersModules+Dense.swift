import Checkpoint

extension SentenceTransformersModules {
  private static let activations: [String: DenseShape.Activation] = [
    "torch.nn.modules.activation.Tanh": .tanh, "torch.nn.modules.linear.Identity": .identity,
    "torch.nn.modules.activation.ReLU": .relu, "torch.nn.modules.activation.GELU": .gelu,
    "torch.nn.Tanh": .tanh, "torch.nn.Identity": .identity, "torch.nn.ReLU": .relu, "torch.nn.GELU": .gelu,
  ]

  /// The layer of a Dense module, and its weights, whose shapes are checked.
  static func dense(_ folder: ModelFolder) throws(ModelError) -> (DenseShape, WeightsFile) {
    let file = try config(of: "", in: folder)
    func width(_ key: String) throws(ModelError) -> Int {
      guard let width = try file.int(key, in: 1...DenseShape.largest) else {
        throw file.refusal(key, "the key is missing")
      }
      return width
    }
    try refuseOtherFeatures(file)
    let name = try file.string("activation_function") ?? "torch.nn.modules.activation.Tanh"
    guard let activation = activations[name] else {
      throw file.refusal("activation_function", "\"\(name)\" is not served; Tanh, Identity, ReLU and GELU are")
    }
    let (inputs, outputs) = (try width("in_features"), try width("out_features"))
    let adds = try file.bool("use_residual") ?? false
    let shape = DenseShape(
      inputs: inputs, outputs: outputs, hasBias: try file.bool("bias") ?? true, activation: activation,
      residual: !adds ? .none : inputs == outputs ? .input : .projected)
    let weights = try folder.openWeights()
    try check(weights, holds: DenseLayer.parts(of: shape))
    return (shape, weights)
  }

  private static func check(_ file: WeightsFile, holds parts: [DenseLayer.Part]) throws(ModelError) {
    for part in parts {
      try file.check(part.tensor, has: part.shape)
    }
    let known = parts.map(\.tensor)
    if let unknown = file.tensors.keys.sorted().first(where: { !known.contains($0) }) {
      throw ModelError(file: file.path, entry: unknown, reason: "the Dense module has no such tensor")
    }
  }
}
