import NIOCore

@testable import GRPC

extension FuzzTarget {
  /// A body that is split into messages. The messages do not depend on how the body is cut into pieces. Each message
  /// equals the framed one. No message exceeds the limit.
  ///
  /// The first input byte selects the call's encoding.
  static let messageFraming = FuzzTarget(name: "message-framing") { bytes in
    guard let choice = bytes.first else { return }
    let body = Array(bytes.dropFirst())
    let encoding = MessageEncoding.allCases[Int(choice) % MessageEncoding.allCases.count]
    let whole = Reading(of: [body[...]], encoding)
    let inPieces = Reading(of: pieces(of: body), encoding) { Suspicion() }
    let framed = whole.messages.flatMap(\.framed)
    try promise(whole.messages.allSatisfy { $0.bytes.count <= Reading.limit }, "a message past the limit")
    try promise(body.starts(with: framed), "\(whole) is not what came")
    try promise(whole.fault != nil || framed.count == body.count, "\(whole) is not all that came")
    try promise(
      whole.fault == inPieces.fault && whole.messages.count == inPieces.messages.count
        && Swift.zip(whole.messages, inPieces.messages).allSatisfy { message, other in
          other.isRefused ? message.bytes.contains(Suspicion.byte) : other == message
        }, "\(whole) is \(inPieces) in pieces")
  }
}

/// The result of reading a body.
private struct Reading {
  static let limit = 300

  struct Message: Equatable {
    let bytes: [UInt8]
    let isCompressed: Bool
    let isRefused: Bool

    var framed: [UInt8] {
      [isCompressed ? 1 : 0, 0, 0, UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)] + bytes
    }
  }

  private(set) var messages: [Message] = []
  private(set) var fault: String?

  init(of pieces: [ArraySlice<UInt8>], _ encoding: MessageEncoding, makeInspector: MakeMessageInspector? = nil) {
    var reader = MessageReader(encoding: encoding, maxMessageBytes: Self.limit, makeInspector: makeInspector)
    do throws(Status) {
      for piece in pieces {
        reader.append(ByteBuffer(bytes: piece))
        try take(from: &reader)
      }
      reader.end()
      try take(from: &reader)
    } catch {
      fault = error.message
    }
  }

  private mutating func take(from reader: inout MessageReader) throws(Status) {
    while let message = try reader.next() {
      messages.append(
        Message(
          bytes: Array(message.bytes.readableBytesView), isCompressed: message.isCompressed,
          isRefused: message.refusal != nil))
    }
  }
}

/// Refuses a message at a certain byte. A message that arrives in one piece is not inspected.
private struct Suspicion: MessageInspector {
  static let byte: UInt8 = 0xff

  mutating func inspect(_ bytes: ByteBuffer) throws(Status) {
    if bytes.readableBytesView.contains(Self.byte) { throw Status(.invalidArgument, "suspicious") }
  }
}
