import HTTP2
import NIOCore

/// Answers a request with its own body; the path says what else it does.
///
/// - `/echo`: the body, as it comes.
/// - `/size/N`: N bytes, whatever the body.
/// - `/hold`: takes nothing of the body, and answers never.
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
