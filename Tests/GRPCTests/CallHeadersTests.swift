import HTTP2
import NIOCore
import Testing

@testable import GRPC

/// The headers that a call must have.
@Suite struct CallHeadersTests {
  private static let router = Router(methods: ["/a.B/C": .unary { _ in }])

  private static func read(
    method: String = "POST", path: String = "/a.B/C", contentType: String? = "application/grpc",
    more: [HeaderField] = []
  ) throws(CallHeaders.Refusal) -> CallHeaders {
    var fields = [HeaderField(":method", method), HeaderField(":path", path)]
    if let contentType { fields.append(HeaderField("content-type", contentType)) }
    return try CallHeaders(fields + more, router: router)
  }

  private static func refusal(_ body: () throws(CallHeaders.Refusal) -> CallHeaders) throws -> CallHeaders.Refusal {
    do throws(CallHeaders.Refusal) {
      _ = try body()
    } catch {
      return error
    }
    Issue.record("the headers were accepted")
    throw CancellationError()
  }

  private static func status(_ body: () throws(CallHeaders.Refusal) -> CallHeaders) throws -> Status {
    guard case .grpc(let status) = try refusal(body) else {
      Issue.record("the refusal is no gRPC status")
      throw CancellationError()
    }
    return status
  }

  @Test(
    arguments: [
      "application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8", "Application/gRPC",
      "application/grpc+proto; x=y",
    ])
  func acceptsTheContentTypesOfGRPC(contentType: String) throws {
    #expect(try Self.read(contentType: contentType).timeout == nil)
  }

  @Test(arguments: [nil, "", "application/json", "application/grpc-web", "application/grpcx", "application/grpc+json"])
  func answersOtherContentTypesAsHTTP(contentType: String?) throws {
    let refusal = try Self.refusal { () throws(CallHeaders.Refusal) in try Self.read(contentType: contentType) }
    guard case .http(status: 415, let text) = refusal else {
      Issue.record("not 415")
      return
    }
    #expect(text.contains("application/grpc"))
  }

  @Test(arguments: ["GET", "PUT", "OPTIONS", "post"])
  func answersOtherMethodsAsHTTP(method: String) throws {
    let refusal = try Self.refusal { () throws(CallHeaders.Refusal) in try Self.read(method: method) }
    guard case .http(status: 405, _) = refusal else {
      Issue.record("not 405")
      return
    }
  }

  @Test func readsTheTimeout() throws {
    #expect(try Self.read(more: [HeaderField("grpc-timeout", "150m")]).timeout == .milliseconds(150))
  }

  @Test func aMalformedTimeoutIsInternal() throws {
    let status = try Self.status { () throws(CallHeaders.Refusal) in
      try Self.read(more: [HeaderField("grpc-timeout", "5 s")])
    }
    #expect(status.code == .internal)
    #expect(status.message.contains("malformed grpc-timeout"))
  }

  @Test func aTimeoutThatIsOverExceedsTheDeadline() throws {
    let status = try Self.status { () throws(CallHeaders.Refusal) in
      try Self.read(more: [HeaderField("grpc-timeout", "0n")])
    }
    #expect(status.code == .deadlineExceeded)
  }

  @Test func anEncodingThatIsNotKnownTellsWhichAre() throws {
    _ = try Self.read(more: [HeaderField("grpc-encoding", "identity")])
    let status = try Self.status { () throws(CallHeaders.Refusal) in
      try Self.read(more: [HeaderField("grpc-encoding", "zstd")])
    }
    #expect(status.code == .unimplemented)
    #expect(status.message.contains("zstd"))
    #expect(status.metadata.first("grpc-accept-encoding") == "identity,deflate,gzip")
  }

  @Test func anUnknownMethodIsUnimplemented() throws {
    let status = try Self.status { () throws(CallHeaders.Refusal) in try Self.read(path: "/a.B/X") }
    #expect(status.code == .unimplemented)
  }
}
