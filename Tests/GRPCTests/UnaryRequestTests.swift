import NIOCore
import NIOEmbedded
import Testing

@testable import GRPC

/// The body of a unary request, in pieces of any size.
@Suite struct UnaryRequestTests {
  /// What came of a body.
  private struct Outcome: Equatable {
    var message: [UInt8]?
    var code: Status.Code?
    /// Bytes by which the window was opened again.
    var windowBytes = 0
  }

  /// Feeds the pieces, grants at once what is asked for, and ends.
  private static func run(_ pieces: [[UInt8]], maxMessageBytes: Int = 100) throws -> Outcome {
    let loop = EmbeddedEventLoop()
    let budget = ReceiveBudget(bytes: 1_000)
    var request = UnaryRequest(maxMessageBytes: maxMessageBytes)
    var outcome = Outcome()
    func advance() throws {
      while true {
        switch try request.next() {
        case .waitForMore: return
        case .askForGrant(let bytes):
          outcome.windowBytes += request.granted(try budget.grant(bytes, on: loop).wait())
        case .handle(let message, let grant):
          #expect(budget.freeBytes == 1_000 - message.readableBytes, "the bytes stay granted until they are consumed")
          grant.release()
          outcome.message = Array(message.readableBytesView)
          return
        }
      }
    }
    do {
      for piece in pieces {
        outcome.windowBytes += request.append(ByteBuffer(bytes: piece))
        try advance()
        #expect(outcome.message == nil, "a call is handled no earlier than at its end")
      }
      request.end()
      try advance()
    } catch let status as Status {
      outcome.code = status.code
    }
    return outcome
  }

  private static func frame(_ message: [UInt8]) -> [UInt8] {
    Array(MessageFraming.frame(ByteBuffer(bytes: message)).readableBytesView)
  }

  @Test(arguments: [[], [9], Array(0..<40)] as [[UInt8]])
  func oneMessageInTwoPiecesCutAnywhere(message: [UInt8]) throws {
    let body = Self.frame(message)
    for cut in 0...body.count {
      let outcome = try Self.run([Array(body[..<cut]), Array(body[cut...])])
      #expect(outcome == Outcome(message: message, code: nil, windowBytes: body.count), "cut at \(cut)")
    }
  }

  @Test func oneMessageByteByByte() throws {
    let message = Array("a message of some bytes".utf8)
    #expect(try Self.run(Self.frame(message).map { [$0] }).message == message)
  }

  @Test func aBodyWithoutAWholeMessageIsInternal() throws {
    let body = Self.frame([1, 2, 3])
    for length in 0..<body.count {
      let outcome = try Self.run(length == 0 ? [] : [Array(body[..<length])])
      #expect(outcome.code == .internal, "\(length) bytes")
      #expect(outcome.message == nil)
    }
  }

  @Test func aSecondMessageIsInternalWhereverItsBytesBegin() throws {
    let first = Self.frame([1, 2, 3])
    for extra in [[0], Self.frame([]), Self.frame([4])] {
      let body = first + extra
      for cut in 0...body.count {
        #expect(try Self.run([Array(body[..<cut]), Array(body[cut...])]).code == .internal)
      }
    }
  }

  @Test func theLimitIsTheLongestMessage() throws {
    let message = [UInt8](repeating: 1, count: 10)
    #expect(try Self.run([Self.frame(message)], maxMessageBytes: 10).message == message)
    #expect(try Self.run([Self.frame(message)], maxMessageBytes: 9).code == .resourceExhausted)
  }

  @Test func aCompressedMessageIsInternal() throws {
    #expect(try Self.run([[1, 0, 0, 0, 0]]).code == .internal)
  }

  @Test func theWindowStaysShutUntilTheGrant() throws {
    let loop = EmbeddedEventLoop()
    var request = UnaryRequest(maxMessageBytes: 100)
    #expect(request.append(ByteBuffer(bytes: [0, 0, 0, 0, 20, 1, 2])) == 7)
    guard case .askForGrant(bytes: 20) = try request.next() else {
      Issue.record("no grant was asked for")
      return
    }
    #expect(request.append(ByteBuffer(repeating: 3, count: 10)) == 0)
    guard case .waitForMore = try request.next() else {
      Issue.record("the message was read without a grant")
      return
    }
    #expect(request.append(ByteBuffer(repeating: 4, count: 5)) == 0)
    let grant = try ReceiveBudget(bytes: 50).grant(20, on: loop).wait()
    #expect(request.granted(grant) == 15, "what was held back")
    #expect(request.append(ByteBuffer(repeating: 5, count: 3)) == 3)
  }
}
