/// A part of a running server.
protocol HostedService: Sendable {
  /// Runs until it is asked to stop, then ends what it has begun, and returns. Cancelled, it is asked as well.
  func run(until stop: StopRequest) async throws
}

/// Runs the parts of a server together. They begin in their order; the last is the first to be asked to stop, and each is
/// asked when the one behind it has ended.
struct ServiceGroup: Sendable {
  /// A part has ended that nobody had asked to.
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

  /// Returns when all have ended.
  /// - Throws: the first error; the other parts have been cancelled then, and have ended.
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
