/// A part of a running server.
protocol HostedService: Sendable {
  /// Runs until the stop request, then finishes its work and returns. Cancelling the task also requests the stop.
  func run(until stop: StopRequest) async throws
}

/// Runs the parts of a server together. They start in order and stop in reverse order: each part gets its stop request
/// when the next one has ended.
struct ServiceGroup: Sendable {
  /// A part ended without a stop request.
  struct UnexpectedEnd: Error, CustomStringConvertible {
    let service: String

    var description: String { "\(service) has ended by itself" }
  }

  private let services: [any HostedService]
  private let stops: [StopRequest]

  init(_ services: [any HostedService]) {
    self.services = services
    stops = services.map { _ in StopRequest() }
  }

  /// Returns when all parts have ended.
  /// - Throws: the first error; by then, the other parts have been cancelled and have ended.
  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for (index, service) in services.enumerated() {
        let (stop, next) = (stops[index], index > 0 ? stops[index - 1] : nil)
        tasks.addTask {
          try await service.run(until: stop)
          guard stop.isMade else { throw UnexpectedEnd(service: "\(type(of: service))") }
          next?.make()
        }
      }
      while try await tasks.next() != nil {}
    }
  }

  func stop() {
    stops.last?.make()
  }
}
