/// The result of a read that may stop waiting at a deadline.
enum Arrival<Value> {
  case here(Value)
  /// More bytes are needed, and none arrived in time.
  case notYet
  /// The end of the input.
  case end
}
