import Checkpoint

/// The configuration of a LoRA adapter (Hu et al., arXiv 2106.09685), as peft writes it.
struct LowRankSettings {
  /// The default factor of B · A, unless a pattern gives another: alpha / r, or alpha / √r.
  private let alpha: Double
  private let alphaPatterns: [(module: Regex<AnyRegexOutput>, alpha: Double)]
  private let usesSquareRoot: Bool
  private let file: ModelSettings
  /// Whether each product has magnitudes (DoRA), and a bias.
  private let has: (magnitudes: Bool, bias: Bool)

  private static let withoutEffect: Set<String> = [
    "task_type", "base_model_name_or_path", "revision", "inference_mode", "auto_mapping", "peft_version",
    "r", "rank_pattern", "target_modules", "exclude_modules", "lora_dropout", "bias", "fan_in_fan_out",
    "layers_to_transform", "layers_pattern", "loftq_config", "eva_config", "corda_config",
    "lora_ga_config", "megatron_core", "qalora_group_size", "runtime_config", "ensure_weight_tying",
    "modules_to_save",
  ]
  private static let honoured: Set<String> = [
    "peft_type", "lora_alpha", "alpha_pattern", "use_rslora", "init_lora_weights", "use_dora", "lora_bias",
  ]
  /// Initialisations that leave the base's weights unchanged.
  private static let initializations = ["gaussian", "eva", "orthogonal"]

  /// - Throws: `ModelError` with a key whose value cannot be served.
  init(_ file: ModelSettings) throws(ModelError) {
    let type = try file.string("peft_type") ?? ""
    guard type == "LORA" else {
      throw file.refusal(
        "peft_type", "\"\(type)\" is not served; LORA is. Merge it (merge_and_unload) and save the model")
    }
    for key in file.keys where !Self.withoutEffect.contains(key) && !Self.honoured.contains(key) {
      guard let value = file.value(key) else { continue }
      let saysNothing =
        value.bool == false || value.array?.isEmpty == true || value.object?.members.isEmpty == true
      guard saysNothing else {
        throw file.refusal(key, "is not served; merge the adapter (merge_and_unload) and save the model")
      }
    }
    if let name = file.value("init_lora_weights")?.string, !Self.initializations.contains(name) {
      throw file.refusal(
        "init_lora_weights",
        "\"\(name)\" changes the base's weights as well; save the adapter as a plain LoRA "
          + "(path_initial_model_for_weight_conversion of peft), or merge it")
    }
    self.file = file
    has = (magnitudes: try file.bool("use_dora") ?? false, bias: try file.bool("lora_bias") ?? false)
    if has.magnitudes, has.bias {
      throw file.refusal("lora_bias", "is not served with use_dora, of which peft's forward and merge differ")
    }
    alpha = try file.double("lora_alpha", in: -1e9...1e9) ?? 8
    usesSquareRoot = try file.bool("use_rslora") ?? false
    var patterns: [(module: Regex<AnyRegexOutput>, alpha: Double)] = []
    if let object = try file.object("alpha_pattern") {
      for key in object.keys {
        guard let alpha = try object.double(key, in: -1e9...1e9) else { continue }
        guard let regex = try? Regex("(.*\\.)?(\(key))") else {
          throw object.refusal(key, "is not a regular expression that can be read")
        }
        patterns.append((regex, alpha))
      }
    }
    alphaPatterns = patterns
  }

  /// Refuses a product that differs from the configuration: peft would invent the missing tensors, and ignore the extra
  /// ones.
  func check(_ module: String, hasMagnitudes: Bool, hasBias: Bool) throws(ModelError) {
    for (key, says, isThere) in [("use_dora", has.magnitudes, hasMagnitudes), ("lora_bias", has.bias, hasBias)]
    where says != isThere {
      throw file.refusal(key, "is \(says), and the tensors of \(module) say otherwise")
    }
  }

  /// The factor of a module's B · A.
  func scale(of module: String, rank: Int) -> Float {
    let alpha = alphaPatterns.first { module.wholeMatch(of: $0.module) != nil }?.alpha ?? alpha
    return Float(alpha / (usesSquareRoot ? Double(rank).squareRoot() : Double(rank)))
  }
}
