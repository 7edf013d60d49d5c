/// Which numbers a client has passed over when it opened streams: with the next higher one they are closed, without ever
/// having been used (RFC 9113, section 5.1.1), and a frame that opens one breaks the protocol.
///
/// nghttp2 1.52 ignores such a frame.
struct StreamNumbers {
  private var highest: Int32 = 0
  /// The newest ones, of which so many are remembered.
  private var passedOver: [ClosedRange<Int32>] = []
  private static let rememberedRanges = 100

  /// A client opens a stream, or goes on with one.
  /// - Returns: false where the number was passed over.
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
