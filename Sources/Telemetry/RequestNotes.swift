import GRPC
import NIOCore
import Service
import Transformer

/// The record of a followed request. Of the client's own text, it keeps only an id.
struct RequestNotes: Sendable {
  struct Outcome: Sendable {
    let code: Status.Code
    let task: EncodingTask?
    let time: NIODeadline
  }

  /// A part of a request's time.
  struct Part: Equatable {
    let name: String
    let start: NIODeadline
    let end: NIODeadline
  }

  let method: MethodName
  let peer: SocketAddress?
  let arrival: NIODeadline
  var requestID: String?
  var texts: Int?
  var tokens: Int?
  var encodedTexts = 0
  var outcome: Outcome?
  private var times = [NIODeadline?](repeating: nil, count: RequestStage.allCases.count)

  init(method: MethodName, peer: SocketAddress?, arrival: NIODeadline, requestID: String? = nil) {
    self.method = method
    self.peer = peer
    self.arrival = arrival
    self.requestID = requestID
  }

  subscript(stage: RequestStage) -> NIODeadline? {
    get { times[stage.rawValue] }
    set { times[stage.rawValue] = newValue }
  }

  /// The parts that the request reached, in order. An unfinished part lasts until the request's end.
  /// - Parameter departure: the time when the answer had been sent.
  func parts(until departure: NIODeadline) -> [Part] {
    let end = outcome?.time ?? departure
    func part(_ name: String, from start: NIODeadline?, to next: NIODeadline?) -> Part? {
      start.map { Part(name: name, start: $0, end: max($0, next ?? end)) }
    }
    return [
      part("receive", from: arrival, to: self[.complete]),
      part("tokenize", from: self[.reading], to: self[.queued]),
      part("queue", from: self[.queued], to: self[.encoding] ?? self[.encoded]),
      part("encode", from: self[.encoding], to: self[.encoded]),
      part("respond", from: self[.encoded] ?? end, to: departure),
    ].compactMap(\.self)
  }

  /// - Returns: the text if it has the form of an id: short, with only letters, digits and the punctuation of ids.
  static func identifier(_ text: String) -> String? {
    guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy({ identifierBytes.contains($0) }) else { return nil }
    return text
  }

  private static let identifierBytes = Set(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:/+=@#".utf8)
}
