import Messages
import NIOCore
import TestSupport
import Testing

/// Error details: google.rpc.Status { code 1, message 2, details 3 } with one google.rpc.BadRequest.
@Suite struct ErrorDetailsTests {
  @Test func badRequestListsItsViolations() throws {
    let buffer = ErrorDetails.badRequest(
      code: 3, message: "documents[0].text: not valid UTF-8",
      violations: [
        FieldViolation(field: "documents[0].text", description: "not valid UTF-8"),
        FieldViolation(field: "", description: "zweite ü"),
      ])
    let status = try #require(ProtobufReader(Array(buffer.readableBytesView)))
    #expect(status.number(1) == 3)
    #expect(status.string(2) == "documents[0].text: not valid UTF-8")
    let any = try #require(status.messages(3).first)
    #expect(any.string(1) == "type.googleapis.com/google.rpc.BadRequest")
    let violations = try #require(ProtobufReader(any.bytes(2))).messages(1)
    #expect(violations.map { $0.string(1) } == ["documents[0].text", ""])
    #expect(violations.map { $0.string(2) } == ["not valid UTF-8", "zweite ü"])
  }
}
