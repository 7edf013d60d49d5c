import Batching
import GRPC
import HTTP2
import Logging
import Synchronization
import Testing

@testable import Service

/// The status for each failure of the engine.
@Suite struct StatusMappingTests {
  /// Records log messages.
  private struct Recorder: LogHandler {
    final class Lines: Sendable {
      let all = Mutex<[String]>([])
    }

    let lines: Lines
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let text = "\(event.message) \(event.metadata ?? [:])"
      lines.all.withLock { $0.append(text) }
    }
  }

  private let lines = Recorder.Lines()

  private func status(_ failure: EncodingFailure) -> Status {
    let lines = lines
    return Status(
      failure, named: { "documents[\($0)]" }, logger: Logger(label: "test", factory: { _ in Recorder(lines: lines) }))
  }

  @Test func aFullQueueSaysWhenToComeBack() throws {
    let status = status(.queueFull(flowTokens: 17, waitingTokens: 300, limit: 256))
    #expect(status.code == .resourceExhausted)
    #expect(["17", "300", "256"].allSatisfy(status.message.contains))
    let pushback = try #require(status.metadata.first("grpc-retry-pushback-ms").flatMap { Int($0) })
    let retryAfter = try #require(status.metadata.first("retry-after").flatMap { Int($0) })
    #expect(pushback > 0 && retryAfter >= 1)
    #expect(lines.all.withLock { $0.isEmpty }, "no fault of ours")
  }

  @Test func aStoppingServerIsUnavailable() {
    #expect(status(.draining).code == .unavailable)
  }

  @Test func anInternalErrorHasAnIdentifierThatIsAlsoLogged() throws {
    let status = status(.notFinite(sequence: 4))
    #expect(status.code == .internal)
    #expect(status.message.hasPrefix("documents[4]"))
    let id = try #require(status.message.split(separator: " ").last)
    let logged = lines.all.withLock { $0 }
    #expect(logged.count == 1 && logged[0].contains(id))
  }

  @Test func aFaultOfTheWholeMessageHasNoFieldInFront() {
    #expect(Status.invalid("", "malformed protobuf").message == "malformed protobuf")
    #expect(Status.invalid("task", "is wrong").message == "task: is wrong")
  }
}
