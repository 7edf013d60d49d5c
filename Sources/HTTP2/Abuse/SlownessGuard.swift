import NIOCore

/// Limits the time that a client takes to complete its preface, to complete a header block, and to read.
struct SlownessGuard {
  private let times: ConnectionTimes
  private var preface: NIODeadline?
  private var headers: NIODeadline?
  private var reader: NIODeadline?
  private(set) var isSocketWritable = true

  init(_ times: ConnectionTimes, now: NIODeadline) {
    self.times = times
    preface = times.preface.map { now + $0 }
  }

  /// The client's preface and first settings are complete.
  mutating func prefaceReceived() { preface = nil }

  mutating func headersBegan(at now: NIODeadline) {
    if headers == nil { headers = times.headers.map { now + $0 } }
  }

  mutating func headersEnded() { headers = nil }

  /// Records whether the socket accepts bytes, or waits for the client to read.
  mutating func socket(isWritable: Bool, at now: NIODeadline) {
    isSocketWritable = isWritable
    if isWritable {
      reader = nil
    } else if reader == nil {
      reader = times.stall.map { now + $0 }
    }
  }

  /// The time of the next timeout if nothing happens before it.
  var nextDeadline: NIODeadline? { [preface, headers, reader].compactMap(\.self).min() }

  /// The timeout that has passed; nil if none has.
  func fault(at now: NIODeadline) -> Abuse? {
    func isOver(_ deadline: NIODeadline?) -> Bool { deadline.map { $0 <= now } ?? false }
    if isOver(preface) { return .slowPreface }
    if isOver(headers) { return .slowHeaders }
    return isOver(reader) ? .slowReader : nil
  }
}
