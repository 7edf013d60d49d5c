/// The number of frames of a kind that a connection's calls justify: some from the start, and more with each stream
/// that the client opens and each data frame that the server sends to it.
///
/// The formulas are Envoy's (`max_inbound_priority_frames_per_stream`,
/// `max_inbound_window_update_frames_per_data_frame_sent`).
struct FrameAllowance {
  private var left: Int
  private let perStream: Int
  private let perDataSent: Int

  /// 100 · (1 + streams).
  static let priorities = FrameAllowance(left: 100, perStream: 100, perDataSent: 0)
  /// 5 + 2 · (streams + 10 · data frames sent).
  static let windowUpdates = FrameAllowance(left: 5, perStream: 2, perDataSent: 20)

  mutating func streamOpened() { left += perStream }

  mutating func dataSent() { left += perDataSent }

  /// - Returns: false if the frame exceeds the allowance.
  mutating func received() -> Bool {
    left -= 1
    return left >= 0
  }
}
