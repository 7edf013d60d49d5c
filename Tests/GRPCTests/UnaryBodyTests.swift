import NIOCore
import Testing

@testable import GRPC

/// The body of a unary request, in pieces of any size.
@Suite struct UnaryBodyTests {
  /// The result of a body.
  private struct Outcome: Equatable {
    var message: [UInt8]?
    var code: Status.Code?
  }

  /// Feeds the pieces and the end.
  private static func run(_ pieces: [[UInt8]], maxMessageBytes: Int = 100) -> Outcome {
    var body = UnaryBody(encoding: .identity, maxMessageBytes: maxMessageBytes)
    do throws(Status) {
      for piece in pieces {
        body.append(ByteBuffer(bytes: piece))
        #expect(try body.next() == nil, "a call is handled no earlier than at its end")
      }
      body.end()
      return Outcome(message: try body.next().map { Array($0.bytes.readableBytesView) })
    } catch {
      return Outcome(code: error.code)
    }
  }

  private static func frame(_ message: [UInt8]) -> [UInt8] {
    Array(MessageFraming.frame(ByteBuffer(bytes: message)).readableBytesView)
  }

  @Test(arguments: [[], [9], Array(0..<40)] as [[UInt8]])
  func oneMessageInTwoPiecesCutAnywhere(message: [UInt8]) {
    let body = Self.frame(message)
    for cut in 0...body.count {
      let outcome = Self.run([Array(body[..<cut]), Array(body[cut...])])
      #expect(outcome == Outcome(message: message), "cut at \(cut)")
    }
  }

  @Test func oneMessageByteByByte() {
    let message = Array("a message of some bytes".utf8)
    #expect(Self.run(Self.frame(message).map { [$0] }).message == message)
  }

  @Test func aBodyWithoutAWholeMessageIsInternal() {
    let body = Self.frame([1, 2, 3])
    for length in 0..<body.count {
      let outcome = Self.run(length == 0 ? [] : [Array(body[..<length])])
      #expect(outcome.code == .internal, "\(length) bytes")
      #expect(outcome.message == nil)
    }
  }

  @Test func aSecondMessageIsInternalWhereverItsBytesBegin() {
    let first = Self.frame([1, 2, 3])
    for extra in [[0], Self.frame([]), Self.frame([4])] {
      let body = first + extra
      for cut in 0...body.count {
        #expect(Self.run([Array(body[..<cut]), Array(body[cut...])]).code == .internal)
      }
    }
  }

  @Test func theLimitIsTheLongestMessage() {
    let message = [UInt8](repeating: 1, count: 10)
    #expect(Self.run([Self.frame(message)], maxMessageBytes: 10).message == message)
    #expect(Self.run([Self.frame(message)], maxMessageBytes: 9).code == .resourceExhausted)
  }

  @Test func aCompressedMessageIsInternal() {
    #expect(Self.run([[1, 0, 0, 0, 0]]).code == .internal)
  }
}
