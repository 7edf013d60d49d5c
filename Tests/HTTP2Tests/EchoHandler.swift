import HTTP2
import NIOCore

/// Answers a request with its own body. The path selects other behaviour.
///
/// - `/echo`: sends the body as it arrives.
/// - `/size/N`: sends N bytes for any body.
/// - `/hold`: reads none of the body, and never answers.
final class EchoHandler: StreamHandler {
  private let stream: ServerStream
  private let log: EventLog
  private var path = ""

  init(_ stream: ServerStream, log: EventLog) {
    self.stream = stream
    self.log = log
  }

  func received(headers: [HeaderField], endOfStream: Bool) {
    path = headers.first(":path") ?? ""
    log.add("headers \(stream.id) \(path)")
    guard path != "/hold" else { return }
    stream.send(headers: [HeaderField(":status", "200"), HeaderField("x-path", path)])
    if endOfStream { finish() }
  }

  func received(data: ByteBuffer) {
    log.add("data \(stream.id)")
    guard path != "/hold" else { return }
    if path == "/echo" { stream.send(data) }
    stream.consumed(data.readableBytes)
  }

  func receivedEnd() {
    log.add("end \(stream.id)")
    if path != "/hold" { finish() }
  }

  func timePasses(at now: NIODeadline) {}

  func receivedTooLargeHeaders() {
    log.add("too large \(stream.id)")
    stream.send(headers: [HeaderField(":status", "431")], endOfStream: true)
  }

  func sentBody() {}

  func mayBegin() {}

  func closed() {
    log.add("closed \(stream.id)")
  }

  private func finish() {
    if let size = path.split(separator: "/").last.flatMap({ Int($0) }) {
      stream.send(ByteBuffer(repeating: 0x2a, count: size))
    }
    stream.finish(trailers: [HeaderField("x-end", "yes")])
  }
}
