import HTTP2
import NIOCore
import Testing

@testable import GRPC

/// A status as trailers.
@Suite struct StatusTests {
  @Test func okHasNoOtherTrailers() {
    #expect(Status.ok.trailers == [HeaderField("grpc-status", "0")])
  }

  @Test func theMessageIsPercentEncoded() {
    #expect(
      Status(.invalidArgument, "documents[0]: 5 % – über\n").trailers == [
        HeaderField("grpc-status", "3"), HeaderField("grpc-message", "documents[0]: 5 %25 %E2%80%93 %C3%BCber%0A"),
      ])
  }

  @Test(
    arguments: [
      ([], ""), ([0x66], "Zg"), ([0x66, 0x6f], "Zm8"), ([0x66, 0x6f, 0x6f], "Zm9v"), ([0xff, 0xfe, 0xfb], "//77"),
    ] as [([UInt8], String)])
  func theDetailsAreBase64WithoutPadding(bytes: [UInt8], text: String) {
    let status = Status(.internal, "x", details: ByteBuffer(bytes: bytes))
    #expect(status.trailers.first("grpc-status-details-bin") == text)
  }

  @Test func metadataFollows() {
    let status = Status(.resourceExhausted, "full", metadata: [HeaderField("grpc-retry-pushback-ms", "250")])
    #expect(status.trailers.map(\.name) == ["grpc-status", "grpc-message", "grpc-retry-pushback-ms"])
    #expect(status.trailers.first("grpc-status") == "8")
  }

  @Test func namesAreThoseOfGRPC() {
    #expect(Status.Code.allCases.map(\.name).allSatisfy { $0.allSatisfy { $0.isUppercase || $0 == "_" } })
    #expect(Set(Status.Code.allCases.map(\.name)).count == Status.Code.allCases.count)
    #expect(Status.Code.invalidArgument.name == "INVALID_ARGUMENT" && Status.Code.ok.name == "OK")
  }

  @Test(
    arguments: [
      (.ok, 0), (.cancelled, 1), (.invalidArgument, 3), (.deadlineExceeded, 4), (.resourceExhausted, 8),
      (.failedPrecondition, 9),
      (.unimplemented, 12), (.internal, 13), (.unavailable, 14),
    ] as [(Status.Code, Int32)])
  func codesAreThoseOfGRPC(code: Status.Code, number: Int32) {
    #expect(code.rawValue == number)
  }
}
