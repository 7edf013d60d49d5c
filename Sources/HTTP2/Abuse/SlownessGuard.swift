import NIOCore

/// How long a client may take for what it has begun: to say that it speaks HTTP/2, to end a header block, to read.
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

  /// The client's preface and its first settings are complete.
  mutating func prefaceReceived() { preface = nil }

  mutating func headersBegan(at now: NIODeadline) {
    if headers == nil { headers = times.headers.map { now + $0 } }
  }

  mutating func headersEnded() { headers = nil }

  /// Whether the socket takes bytes, or waits for the client to read.
  mutating func socket(isWritable: Bool, at now: NIODeadline) {
    isSocketWritable = isWritable
    if isWritable {
      reader = nil
    } else if reader == nil {
      reader = times.stall.map { now + $0 }
    }
  }

  /// When something will have taken too long if nothing happens until then.
  var nextDeadline: NIODeadline? { [preface, headers, reader].compactMap(\.self).min() }

  /// What has taken too long.
  func fault(at now: NIODeadline) -> Abuse? {
    func isOver(_ deadline: NIODeadline?) -> Bool { deadline.map { $0 <= now } ?? false }
    if isOver(preface) { return .slowPreface }
    if isOver(headers) { return .slowHeaders }
    return isOver(reader) ? .slowReader : nil
  }
}
