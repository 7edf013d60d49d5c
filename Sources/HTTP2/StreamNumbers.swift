/// The stream numbers that a client has skipped. When the client opens a stream with a higher number, the skipped ones
/// are closed without ever having been used (RFC 9113, section 5.1.1). A frame that opens one of them breaks the
/// protocol.
///
/// nghttp2 1.52 ignores such a frame.
struct StreamNumbers {
  private var highest: Int32 = 0
  /// The newest skipped numbers, up to a limit.
  private var passedOver: [ClosedRange<Int32>] = []
  private static let rememberedRanges = 100

  /// A client opens a stream, or continues one.
  /// - Returns: false if the number was skipped.
  mutating func mayOpen(_ id: Int32) -> Bool {
    guard id > highest else { return !passedOver.contains { $0.contains(id) } }
    if id > highest + 2 {
      if passedOver.count == Self.rememberedRanges { passedOver.removeFirst() }
      passedOver.append(highest + 1...id - 1)
    }
    highest = id
    return true
  }
}
