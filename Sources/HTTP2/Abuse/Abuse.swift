/// What a client did that no client needs to do: its connection ends with GOAWAY, or its stream with a reset.
public enum Abuse: String, CaseIterable, Sendable {
  /// Streams that are opened and reset, to make the server work for nothing (CVE-2023-44487).
  case rapidReset = "rapid_reset"
  /// Frames that make the server reset streams (CVE-2025-8671), and other frames that break the protocol.
  case invalidFrames = "invalid_frames"
  /// Pings and settings that all want an answer (CVE-2019-9512, CVE-2019-9515).
  case controlFrames = "control_frames"
  /// Such answers that are not read.
  case unreadAnswers = "unread_answers"
  /// Data frames with nothing in them (CVE-2019-9518).
  case emptyData = "empty_data"
  /// Priorities that change more often than streams begin (CVE-2019-9513).
  case priorities
  /// Windows that open more often than data is sent (CVE-2019-9511).
  case windowUpdates = "window_updates"
  /// A header block in more frames than any header block needs (CVE-2024-28182).
  case continuations
  /// A header block that expands to several times its bound; the stream alone ends.
  case headersTooLarge = "headers_too_large"
  /// A client that does not say that it speaks HTTP/2.
  case slowPreface = "slow_preface"
  /// A header block that does not come to its end.
  case slowHeaders = "slow_headers"
  /// Answers that are not read.
  case slowReader = "slow_reader"
}
