import Checkpoint

/// The `encoder_params` of a SciMult checkpoint, with typed access that names the key in errors.
struct EncoderParameters {
  let file: String
  let values: [String: CheckpointValue]

  func refusal(_ key: String, _ reason: String) -> ModelError {
    ModelError(file: file, entry: "encoder_params.\(key)", reason: reason)
  }

  /// nil if the key is absent or None.
  func bool(_ key: String) throws(ModelError) -> Bool? {
    switch values[key] {
    case nil, .some(.none): nil
    case .bool(let value): value
    case .int(let value) where value == 0 || value == 1: value == 1
    default: throw refusal(key, "expected true or false")
    }
  }

  func int(_ key: String) throws(ModelError) -> Int? {
    switch values[key] {
    case nil, .some(.none): nil
    case .int(let value): value
    default: throw refusal(key, "expected a whole number")
    }
  }

  func string(_ key: String) throws(ModelError) -> String? {
    switch values[key] {
    case nil, .some(.none): nil
    case .string(let value): value
    default: throw refusal(key, "expected a text")
    }
  }

  /// Refuses features that would change the embedding in an unsupported way: a gate, or a projection that is in use.
  func refuseGatesAndProjections(tensorNames: some Sequence<String>) throws(ModelError) {
    if try bool("use_infer_expert") ?? false {
      throw refusal("use_infer_expert", "the model chooses experts by a gate, which is not served")
    }
    if let gate = tensorNames.filter({ $0.contains("expert_gate.") }).min() {
      throw ModelError(file: file, entry: gate, reason: "the model chooses experts by a gate, which is not served")
    }
    if let projection = try int("projection_dim"), projection != 0 {
      throw refusal("projection_dim", "\(projection) means a projection of the embedding, which is not served")
    }
    if let method = try string("q_rep_method"), method == "start_end_concat" {
      throw refusal("q_rep_method", "\"\(method)\" projects the first and last token, which is not served")
    }
  }
}
