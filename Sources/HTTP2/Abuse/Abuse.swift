/// Behaviour that no client needs. The server ends the connection with GOAWAY, or the stream with a reset.
public enum Abuse: String, CaseIterable, Sendable {
  /// The client opens and resets streams, to make the server work for nothing (CVE-2023-44487).
  case rapidReset = "rapid_reset"
  /// Frames that make the server reset streams (CVE-2025-8671), and other frames that break the protocol.
  case invalidFrames = "invalid_frames"
  /// Pings and settings, each of which needs an answer (CVE-2019-9512, CVE-2019-9515).
  case controlFrames = "control_frames"
  /// The client does not read the answers to pings and settings.
  case unreadAnswers = "unread_answers"
  /// Data frames without data (CVE-2019-9518).
  case emptyData = "empty_data"
  /// Priorities change more often than streams begin (CVE-2019-9513).
  case priorities
  /// Windows open more often than data is sent (CVE-2019-9511).
  case windowUpdates = "window_updates"
  /// A header block with more frames than any header block needs (CVE-2024-28182).
  case continuations
  /// A header block that expands to several times its limit; only the stream ends.
  case headersTooLarge = "headers_too_large"
  /// The client does not complete its HTTP/2 preface in time.
  case slowPreface = "slow_preface"
  /// A header block that is not completed in time.
  case slowHeaders = "slow_headers"
  /// The client does not read answers.
  case slowReader = "slow_reader"
}
