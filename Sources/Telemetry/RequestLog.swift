import GRPC
import Logging
import Messages
import NIOCore
import Service

/// The request log: one line per selected request, without any of its texts.
public struct RequestLog: Sendable {
  public enum Scope: String, CaseIterable, Sendable {
    case off, errors, all
  }

  private let scope: Scope
  private let share: TraceShare
  private let write: @Sendable (LogRecord) -> Void

  /// - Parameters:
  ///   - share: the share of successful requests to log; all others are logged.
  ///   - write: receives a line, and must not block.
  /// - Returns: nil if no requests are logged.
  public init?(_ scope: Scope, share: TraceShare, write: @escaping @Sendable (LogRecord) -> Void) {
    guard scope != .off else { return nil }
    self.scope = scope
    self.share = share
    self.write = write
  }

  func wants(_ code: Status.Code, _ trace: TraceID) -> Bool {
    code != .ok || (scope == .all && share.contains(trace))
  }

  func add(_ notes: RequestNotes, _ position: SpanPosition, departure: NIODeadline) {
    guard let outcome = notes.outcome, wants(outcome.code, position.trace) else { return }
    // The level is fixed: the log's level does not decide whether requests are logged.
    write(
      LogRecord(level: .info, label: "scimult.requests", source: "Telemetry", message: "request") {
        notes.logged(outcome, position, departure: departure)
      })
  }
}

extension RequestNotes {
  /// The fields of the line. Durations are in milliseconds; stages that the request did not reach are omitted.
  func logged(_ outcome: Outcome, _ position: SpanPosition, departure: NIODeadline) -> Logger.Metadata {
    var fields: Logger.Metadata = [
      "trace_id": "\(position.trace.hex)", "span_id": "\(position.span.hex)", "method": "\(method.full)",
      "status": "\(outcome.code.name)", "duration_ms": Self.milliseconds(departure - arrival),
    ]
    fields["request_id"] = requestID.map { "\($0)" }
    fields["task"] = outcome.task.map { "\($0.rawValue)" }
    fields["texts"] = texts.map { .stringConvertible($0) }
    fields["tokens"] = tokens.map { .stringConvertible($0) }
    fields["peer"] = peer.flatMap(Self.address).map { "\($0)" }
    for part in parts(until: departure) where part.name == "queue" || part.name == "encode" {
      fields["\(part.name)_ms"] = Self.milliseconds(part.end - part.start)
    }
    return fields
  }

  private static func milliseconds(_ duration: TimeAmount) -> Logger.Metadata.Value {
    .stringConvertible((Double(duration.nanoseconds) / 1e3).rounded() / 1e3)
  }

  /// nil for a client of a socket file, which has no address.
  private static func address(_ peer: SocketAddress) -> String? {
    guard let host = peer.peerAddress, let port = peer.port else { return nil }
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
