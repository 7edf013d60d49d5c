/// What a reader has to give, where it need not wait for ever.
enum Arrival<Value> {
  case here(Value)
  /// More bytes are needed, and none came in time.
  case notYet
  /// Of the input.
  case end
}
