import Glibc

/// An HTTP/2 client in clear text that sends and receives single frames, and answers nothing automatically.
public final class HTTP2Client {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  public static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  /// The maximum payload that every server must accept.
  private static let maxFrameBytes = 16_384

  private let descriptor: Int32
  private let inflater = HeaderInflater()
  private var buffer: [UInt8] = []
  /// Frames that arrived while another one was awaited.
  private var pending: [HTTP2Frame] = []

  /// Connects to a port of 127.0.0.1 without sending anything. A server that is silent for five minutes fails the test.
  /// The timeout is long because the server may share its cores with all other tests.
  public init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var timeout = timeval(tv_sec: 300, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      close(descriptor)
      throw Failure(description: "no connection to port \(port)")
    }
  }

  deinit {
    close(descriptor)
  }

  // MARK: Sending

  /// Sends raw bytes. Bytes that the server no longer reads are dropped.
  public func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  public func send(_ frames: HTTP2Frame...) {
    send(frames.flatMap(\.bytes))
  }

  /// Sends the preface with the given settings and acknowledges the server's.
  public func start(settings: [(UInt16, UInt32)] = []) throws {
    let payload = settings.flatMap { id, value in
      [UInt8(id >> 8), UInt8(id & 0xff)] + HTTP2Frame.bigEndian(value)
    }
    send(Self.preface)
    send(HTTP2Frame(.settings, payload))
    _ = try receive(.settings)
    send(HTTP2Frame(.settings, flags: HTTP2Frame.acknowledge))
  }

  /// Opens a stream with a POST.
  public func post(
    _ path: String, stream: UInt32, fields: [(String, String)] = [], endStream: Bool = false
  ) {
    let all = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test")] + fields
    var block = HTTP2Frame.headerBlock(all)[...]
    var frame = HTTP2Frame(.headers, flags: endStream ? HTTP2Frame.endStream : 0, stream: stream)
    while block.count > Self.maxFrameBytes {
      frame.payload = Array(block.prefix(Self.maxFrameBytes))
      send(frame)
      block = block.dropFirst(Self.maxFrameBytes)
      frame = HTTP2Frame(.continuation, stream: stream)
    }
    frame.flags |= HTTP2Frame.endHeaders
    frame.payload = Array(block)
    send(frame)
  }

  /// Sends a part of a body.
  public func data(_ bytes: [UInt8], stream: UInt32, endStream: Bool = false) {
    send(HTTP2Frame(.data, flags: endStream ? HTTP2Frame.endStream : 0, stream: stream, bytes))
  }

  // MARK: Receiving

  /// The next frame; nil if the server has closed the connection.
  public func next() throws -> HTTP2Frame? {
    if !pending.isEmpty { return pending.removeFirst() }
    return try readFrame()
  }

  /// The next frame of a kind. Other frames are kept for later.
  public func receive(
    _ kind: HTTP2Frame.Kind, where isWanted: (HTTP2Frame) -> Bool = { _ in true }
  ) throws -> HTTP2Frame {
    try receiveFrame("of kind \(kind)") { $0.kind == kind && isWanted($0) }
  }

  /// Waits until the server has read all frames and has sent its responses to them.
  public func roundTrip(_ opaque: UInt8 = 1) throws {
    let payload = [UInt8](repeating: opaque, count: 8)
    send(HTTP2Frame(.ping, payload))
    _ = try receive(.ping) { $0.payload == payload && $0.flags & HTTP2Frame.acknowledge != 0 }
  }

  /// All frames of a stream up to its end. Frames of other streams are kept for later.
  public func response(stream: UInt32) throws -> HTTP2Response {
    var response = HTTP2Response()
    while !response.hasEnded {
      response.add(try receiveFrame("of stream \(stream)") { $0.stream == stream })
    }
    return response
  }

  /// All frames until the server closes the connection.
  public func untilClosed() throws -> [HTTP2Frame] {
    var frames: [HTTP2Frame] = []
    while let frame = try next() { frames.append(frame) }
    return frames
  }

  private func receiveFrame(_ what: String, where isWanted: (HTTP2Frame) -> Bool) throws -> HTTP2Frame {
    if let index = pending.firstIndex(where: isWanted) { return pending.remove(at: index) }
    while let frame = try readFrame() {
      if isWanted(frame) { return frame }
      pending.append(frame)
    }
    throw Failure(description: "the server closed the connection before a frame \(what)")
  }

  private func readFrame() throws -> HTTP2Frame? {
    while true {
      if buffer.count >= 9 {
        let length = buffer[..<3].reduce(0) { $0 << 8 | Int($1) }
        if buffer.count >= 9 + length {
          defer { buffer.removeSubrange(..<(9 + length)) }
          guard let frame = HTTP2Frame(reading: buffer[..<(9 + length)]) else { continue }
          return try decodingHeaders(of: frame)
        }
      }
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count == 0 || (count < 0 && errno == ECONNRESET) { return nil }
      guard count > 0 else { throw Failure(description: "the server was silent for five minutes") }
      buffer += chunk[..<count]
    }
  }

  /// Header blocks depend on earlier ones, so each is decoded when it arrives.
  private func decodingHeaders(of frame: HTTP2Frame) throws -> HTTP2Frame {
    guard frame.kind == .headers else { return frame }
    guard frame.flags & HTTP2Frame.endHeaders != 0, let fields = inflater.fields(of: frame.payload) else {
      throw Failure(description: "a header block that cannot be read")
    }
    var frame = frame
    frame.fields = fields
    return frame
  }
}
