import Messages
import NIOCore
import TestSupport
import Testing

/// Unknown fields from newer clients are ignored, as protobuf requires, up to 64 in a message.
@Suite struct SurplusFieldTests {
  private static func unknownFields(_ count: Int) -> [UInt8] {
    ProtobufWriter.message { message in
      for index in 0..<count {
        switch index % 4 {
        case 0: message.number(20 + index, 1 << 40)
        case 1: message.string(20 + index, "unknown \u{0} text")
        case 2: message.fixed32(20 + index, 7)
        default: message.fixed64(20 + index, 7)
        }
      }
    }
  }

  @Test func sixtyFourUnknownFieldsAreIgnored() throws {
    let bytes = Self.unknownFields(32) + RequestBytes.fullEncode + Self.unknownFields(32)
    #expect(try RequestBytes.read(bytes) == RequestBytes.read(RequestBytes.fullEncode))
    _ = try GetModelRequest(wire: ByteBuffer(bytes: Self.unknownFields(64)))
  }

  @Test func aFieldOfTheLargestNumberIsIgnored() throws {
    let bytes = ProtobufWriter.message { $0.number((1 << 29) - 1, 1) }
    #expect(try RequestBytes.read(bytes + RequestBytes.fullEncode) == RequestBytes.read(RequestBytes.fullEncode))
  }

  @Test func oneMoreIsRefusedForTheMessageAsAWhole() throws {
    let error = try #require(throws: WireError.self) { try RequestBytes.read(Self.unknownFields(65)) }
    #expect(error.field.isEmpty)
    #expect(error.description.contains("more than 64"))
    #expect(throws: WireError.self) { try GetModelRequest(wire: ByteBuffer(bytes: Self.unknownFields(65))) }
  }

  @Test func unknownFieldsOfAllDocumentsCountTogether() throws {
    func request(_ counts: [Int]) -> [UInt8] {
      RequestBytes.encode(documents: counts.map { RequestBytes.document(.text("x")) + Self.unknownFields($0) })
    }
    #expect(try RequestBytes.read(request([30, 0, 34])).documents.count == 3)
    #expect(throws: WireError.self) { try RequestBytes.read(request([30, 1, 34])) }
  }

  @Test func aFieldGivenAgainCounts() throws {
    func request(_ times: Int) -> [UInt8] {
      ProtobufWriter.message { request in
        for time in 0..<times { request.string(1, "\(time)") }
      }
    }
    #expect(try RequestBytes.read(request(65)).requestID == "64")
    #expect(throws: WireError.self) { try RequestBytes.read(request(66)) }
  }
}
