import Checkpoint

/// The configuration of a bottleneck adapter, as the adapters library writes it (`BnConfig`).
struct BottleneckSettings {
  /// The sub-layers that the adapter follows.
  let places: [Bottleneck.Place]
  let activation: Activation
  let residual: Bottleneck.Residual
  let readsNormalizedSum: Bool
  let normalizesInput: Bool
  let normalizesOutput: Bool
  let addsResidualFirst: Bool
  let closesWithNorm: Bool
  /// The factor of the bottleneck's output.
  let scaling: Float
  /// Layers without an adapter, from 0.
  let leftOut: Set<Int>

  /// Keys for training, or for features that are refused.
  private static let withoutEffect: Set<String> = [
    "reduction_factor", "dropout", "init_weights", "init_weights_seed", "stochastic_depth",
    "inv_adapter_reduction_factor", "phm_dim", "factorized_phm_W", "shared_W_phm", "shared_phm_rule",
    "factorized_phm_rule", "phm_c_init", "phm_init_range", "learn_phm", "hypercomplex_nonlinearity", "phm_rank",
    "phm_bias", "attention_type", "new_attention_norm", "query_before_ln",
  ]

  /// Keys that a supported bottleneck leaves empty: null, false or an empty list.
  private static let refused: [(key: String, what: String)] = [
    ("is_parallel", "an adapter beside its sub-layer"), ("use_gating", "a gate"),
    ("phm_layer", "layers of hypercomplex numbers (Compacter)"), ("inv_adapter", "an invertible adapter"),
    ("invertible_adapter", "an invertible adapter"), ("cross_adapter", "an adapter of a decoder"),
  ]

  /// Keys that are true or false; some other values also count as one of the two in the library.
  private static let switches = [
    "mh_adapter", "output_adapter", "original_ln_before", "original_ln_after", "ln_before", "ln_after",
    "residual_before_ln", "adapter_residual_before_ln",
  ]

  private static let honoured = Set(switches + ["non_linearity", "scaling", "leave_out", "architecture"])

  /// Configurations that the library knows by name, in the terms of its files.
  private static let named: [String: String] = [
    "seq_bn": seqBn, "pfeiffer": seqBn, "double_seq_bn": doubleSeqBn, "houlsby": doubleSeqBn,
  ]
  private static let seqBn = """
    {"mh_adapter": false, "output_adapter": true, "non_linearity": "relu", "original_ln_before": true}
    """
  private static let doubleSeqBn = """
    {"mh_adapter": true, "output_adapter": true, "non_linearity": "swish"}
    """

  /// Reads a member with the configuration, or with the name of one that the library knows: `seq_bn`,
  /// `seq_bn[reduction_factor=4]`.
  /// - Throws: `ModelError` with a key whose value cannot be served.
  init(_ key: String, of file: ModelSettings, renamesActivations: Bool = false) throws(ModelError) {
    guard let text = file.value(key)?.string else {
      guard let settings = try file.object(key) else { throw file.refusal(key, "the key is missing") }
      try self.init(settings, renamesActivations: renamesActivations)
      return
    }
    try self.init(named: text, as: key, of: file)
  }

  private init(named text: String, as key: String, of file: ModelSettings) throws(ModelError) {
    let name = String(text.prefix { $0 != "[" })
    let changes = text.dropFirst(name.count).dropFirst().dropLast().split(separator: ",")
    guard let json = Self.named[name], text == name || text.hasSuffix("]"), !changes.joined().contains("]"),
      changes.allSatisfy({ $0.split(separator: "=").first.map { $0 == "reduction_factor" } ?? false })
    else {
      throw file.refusal(
        key, "\"\(text)\" is not served; bottlenecks are (\(Self.named.keys.sorted().joined(separator: ", ")))")
    }
    try self.init(ModelSettings(file: file.file, bytes: Array(json.utf8)), renamesActivations: false)
  }

  /// - Parameters:
  ///   - settings: the object with the keys.
  ///   - renamesActivations: whether "gelu" means "gelu_new", as in files from before 2020.
  /// - Throws: `ModelError` with a key whose value cannot be served.
  private init(_ settings: ModelSettings, renamesActivations: Bool) throws(ModelError) {
    if let architecture = try settings.string("architecture") {
      throw settings.refusal(
        "architecture", "\"\(architecture)\" adapters are not served; bottlenecks are, and LoRA as peft saves it")
    }
    for (key, what) in Self.refused where Self.says(settings, key) {
      let value = settings.value(key)?.string.map { " (\($0))" } ?? ""
      throw settings.refusal(key, "\(what)\(value) is not served")
    }
    for key in settings.keys
    where !Self.honoured.contains(key) && !Self.withoutEffect.contains(key)
      && !Self.refused.contains(where: { $0.key == key }) && Self.says(settings, key)
    {
      throw settings.refusal(key, "unknown key: whether it changes the adapter is not known")
    }
    // The library treats null as false, and not as the default of an absent key.
    if let key = Self.switches.first(where: { settings.contains($0) && settings.value($0) == nil }) {
      throw settings.refusal(key, "null is not served: write true or false")
    }
    places =
      (try settings.bool("mh_adapter") ?? false ? [.attention] : [])
      + (try settings.bool("output_adapter") ?? false ? [.output] : [])
    activation = try Self.activation(settings, renames: renamesActivations)
    readsNormalizedSum = try settings.bool("original_ln_before") ?? false
    closesWithNorm = try settings.bool("original_ln_after") ?? true
    residual = try Self.residual(settings, readsNormalizedSum: readsNormalizedSum)
    normalizesInput = try settings.bool("ln_before") ?? false
    normalizesOutput = try settings.bool("ln_after") ?? false
    addsResidualFirst = try settings.bool("adapter_residual_before_ln") ?? false
    if let text = settings.value("scaling")?.string {
      throw settings.refusal("scaling", "\"\(text)\" is not served; a number is")
    }
    scaling = Float(try settings.double("scaling", in: -1e6...1e6) ?? 1)
    leftOut = Set(settings.value("leave_out")?.array?.compactMap { $0.number?.integer } ?? [])
  }

  /// Whether a key has an effect: null, false and empty lists have none.
  private static func says(_ settings: ModelSettings, _ key: String) -> Bool {
    guard let value = settings.value(key) else { return false }
    return value.bool != false && value.array?.isEmpty != true && value.object?.members.isEmpty != true
  }

  private static func activation(_ settings: ModelSettings, renames: Bool) throws(ModelError) -> Activation {
    guard let name = try settings.string("non_linearity")?.lowercased() else {
      throw settings.refusal("non_linearity", "the key is missing")
    }
    let renamed = renames ? ["gelu": "gelu_new", "gelu_orig": "gelu"][name] ?? name : name
    guard let activation = Activation(name: renamed) else {
      throw settings.refusal(
        "non_linearity", "the activation \"\(name)\" is not supported; supported are \(Activation.names)")
    }
    return activation
  }

  /// `residual_before_ln` is true, false or "post_add".
  private static func residual(
    _ settings: ModelSettings, readsNormalizedSum: Bool
  ) throws(ModelError) -> Bottleneck.Residual {
    let key = "residual_before_ln"
    guard let text = settings.value(key)?.string else {
      return try settings.bool(key) ?? true ? .update : .input
    }
    guard text == "post_add", readsNormalizedSum else {
      throw settings.refusal(
        key, "\"\(text)\" is not served; true and false are, and \"post_add\" where original_ln_before is true")
    }
    return .sum
  }

  /// The form, with the widths of the weights.
  func form(widths: [Bottleneck.Place: [Int]]) -> Bottleneck {
    Bottleneck(
      activation: activation, readsNormalizedSum: readsNormalizedSum, residual: residual,
      normalizesInput: normalizesInput, normalizesOutput: normalizesOutput, addsResidualFirst: addsResidualFirst,
      closesWithNorm: closesWithNorm, widths: widths)
  }
}
