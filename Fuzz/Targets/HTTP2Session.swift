import NIOCore
import TestSupport

@testable import HTTP2

extension FuzzTarget {
  /// A connection: client bytes in, server frames out. Frames are complete and in order. Each stream is told of its end
  /// exactly once. The server answers nothing after GOAWAY.
  static let http2Session = FuzzTarget(name: "http2-session") { bytes in
    let peer = try SessionPeer()
    for piece in pieces(of: bytes) {
      try peer.receive(piece)
    }
    try peer.end()
  }
}

/// The part of the connection handler around a session, and the client that checks what the session sends.
private final class SessionPeer {
  private let session: Session
  private let streams: Streams
  private var output = ByteBuffer()
  private var frames = FrameOrder()
  private var hasFailed = false
  private static let limits = ConnectionLimits(maxConcurrentStreams: 4)

  init() throws {
    let streams = Streams()
    self.streams = streams
    session = try Session(
      limits: Self.limits, now: .uptimeNanoseconds(1), makeHandler: { streams.open($0) }, onOutputPending: {},
      onDrainAcknowledged: {})
    try flush()
  }

  func receive(_ bytes: ArraySlice<UInt8>) throws {
    guard !hasFailed else { return }
    session.now = session.now + .milliseconds(1)
    do throws(ClientFault) {
      try session.receive(ByteBuffer(bytes: bytes))
    } catch {
      session.terminate(.protocolError)
      hasFailed = true
    }
    try promise(session.openStreamCount <= Self.limits.maxConcurrentStreams, "\(session.openStreamCount) streams")
    try flush()
  }

  func end() throws {
    session.closeAllStreams()
    try streams.check()
    try promise(streams.openCount == 0, "\(streams.openCount) streams were not told that they are over")
  }

  private func flush() throws {
    while try session.writeOutput(into: &output) {}
    try frames.check(&output)
    try streams.check()
  }
}

/// Reads the server's frames as they arrive, and checks their order.
private struct FrameOrder {
  private var hasBegun = false
  private var hasSaidGoodbye = false
  private var ended: Set<UInt32> = []
  private var answered: Set<UInt32> = []

  mutating func check(_ bytes: inout ByteBuffer) throws {
    while let header = bytes.readBytes(length: 9) {
      let length = header[..<3].reduce(0) { $0 << 8 | Int($1) }
      try promise(length <= 16_384, "a frame of \(length) bytes")
      let payload = bytes.readBytes(length: length)
      guard let frame = payload.flatMap({ HTTP2Frame(reading: (header + $0)[...]) }) else {
        throw BrokenPromise(description: "no whole frame: \(header)")
      }
      try check(frame)
    }
    try promise(bytes.readableBytes == 0, "part of a frame")
    bytes.clear()
  }

  private mutating func check(_ frame: HTTP2Frame) throws {
    try promise(hasBegun || frame.kind == .settings, "\(frame) before the settings")
    hasBegun = true
    switch frame.kind {
    case .headers, .data:
      try promise(!hasSaidGoodbye, "\(frame) after a goodbye")
      try promise(!ended.contains(frame.stream), "\(frame) after the stream's end")
      try promise(frame.kind == .headers || answered.contains(frame.stream), "\(frame) before its headers")
      answered.insert(frame.stream)
      if frame.endsStream { ended.insert(frame.stream) }
    case .resetStream: ended.insert(frame.stream)
    case .goAway: hasSaidGoodbye = true
    case .settings, .ping, .windowUpdate: break
    case .priority, .pushPromise, .continuation: throw BrokenPromise(description: "\(frame), which no server needs")
    }
  }
}

/// The streams of a connection. Records events that arrive out of order.
private final class Streams {
  private var fault: String?
  private(set) var openCount = 0

  func open(_ stream: ServerStream) -> any StreamHandler {
    openCount += 1
    return Echo(stream, streams: self)
  }

  func closed() { openCount -= 1 }

  func note(_ fault: String) {
    self.fault = self.fault ?? fault
  }

  func check() throws {
    if let fault { throw BrokenPromise(description: fault) }
  }
}

/// Echoes what it receives: immediately, at the end, as a large answer or never, depending on the stream's number.
private final class Echo: StreamHandler {
  private let stream: ServerStream
  private let streams: Streams
  private var hasHeaders = false
  private var hasEnd = false
  private var hasClosed = false
  private var answers: Bool

  init(_ stream: ServerStream, streams: Streams) {
    self.stream = stream
    self.streams = streams
    answers = stream.id % 8 != 7
  }

  func received(headers: [HeaderField], endOfStream: Bool) {
    expect(!hasHeaders, "headers twice")
    let bytes = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 32 }
    // Swift replaces an invalid UTF-8 byte by a character of three bytes.
    expect(headers.count <= 100 && bytes <= 3 * 16_384, "\(headers.count) headers of \(bytes) bytes")
    hasHeaders = true
    hasEnd = endOfStream
    guard answers else { return }
    stream.send(headers: [HeaderField(":status", "200")])
    if endOfStream { finish() }
  }

  func received(data: ByteBuffer) {
    expect(hasHeaders && !hasEnd, "data out of place")
    guard answers else { return }
    stream.send(data)
    stream.consumed(data.readableBytes)
  }

  func receivedEnd() {
    expect(hasHeaders && !hasEnd, "an end out of place")
    hasEnd = true
    if answers { finish() }
  }

  func timePasses(at now: NIODeadline) {}

  func receivedTooLargeHeaders() {
    expect(!hasHeaders, "headers twice")
    hasHeaders = true
    answers = false
    stream.send(headers: [HeaderField(":status", "431")], endOfStream: true)
  }

  func mayBegin() {}

  func sentBody() {
    expect(hasHeaders, "a body without headers")
  }

  func closed() {
    expect(!hasClosed, "closed twice")
    hasClosed = true
    streams.closed()
  }

  private func finish() {
    stream.send(ByteBuffer(repeating: 0x2a, count: Int(stream.id) % 8 == 5 ? 100_000 : 10))
    stream.finish(trailers: [HeaderField("x-end", "yes")])
  }

  private func expect(_ condition: Bool, _ fault: String) {
    if !condition || hasClosed { streams.note("\(fault), or after the end of stream \(stream.id)") }
  }
}
