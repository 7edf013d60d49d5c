/// A plain value of a checkpoint's `encoder_params`.
public enum CheckpointValue: Sendable, Equatable {
  case none
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case list([CheckpointValue])
  case dictionary([String: CheckpointValue])
}
