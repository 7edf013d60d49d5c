import GRPC
import Messages
import NIOCore

/// `grpc.health.v1.Health`: whether the server, or one of its services, accepts calls.
struct HealthService: Sendable {
  let readiness: Readiness

  /// The names that clients may ask for; empty for the whole server.
  private static let services: Set<String> = ["", "scimult.v1.SciMult"]

  func check(_ request: Request) {
    request.respond(
      service(of: request).flatMap { service in
        guard Self.services.contains(service) else {
          return .failure(Status(.notFound, "there is no service \(service.prefix(200))"))
        }
        return .success(HealthCheckResponse(status: readiness.state.servingStatus).wire())
      })
  }

  /// A client that watches keeps its call open indefinitely, so the server's stop ends the call.
  func watch(_ request: Request) {
    switch service(of: request) {
    case .failure(let status): request.respond(.failure(status))
    case .success(let service) where Self.services.contains(service):
      let stop = readiness.observe { state in
        let reply = HealthCheckResponse(status: state.servingStatus).wire()
        if state == .stopping {
          request.respond(.success(reply))
        } else {
          request.send(reply)
        }
      }
      request.cancellation.onCancel(stop)
    case .success:
      request.send(HealthCheckResponse(status: .serviceUnknown).wire())
      let stop = readiness.observe { state in
        if state == .stopping { request.respond(.failure(.stopping)) }
      }
      request.cancellation.onCancel(stop)
    }
  }

  private func service(of request: Request) -> Result<String, Status> {
    defer { request.messageIsConsumed() }
    do throws(Status) {
      let message = try request.message()
      return .success(try Status.reading { () throws(WireError) in try HealthCheckRequest(wire: message).service })
    } catch {
      return .failure(error)
    }
  }
}

extension Readiness.State {
  fileprivate var servingStatus: ServingStatus { self == .serving ? .serving : .notServing }
}

extension Router {
  public static let healthService = "grpc.health.v1.Health"

  /// The methods of `grpc.health.v1.Health`.
  public static func health(_ readiness: Readiness) -> Router {
    let service = HealthService(readiness: readiness)
    return Router(methods: [
      "/\(healthService)/Check": .unary(service.check),
      "/\(healthService)/Watch": .serverStream(service.watch),
    ])
  }
}
