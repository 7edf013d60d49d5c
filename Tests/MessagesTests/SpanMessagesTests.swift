import Messages
import NIOCore
import TestSupport
import Testing

/// Encoded spans, with OpenTelemetry's field numbers.
@Suite struct SpanMessagesTests {
  private static let position = SpanPosition(
    trace: TraceID(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736), span: SpanID(0x00f0_67aa_0ba9_02b7),
    flags: 3, state: "a=1")

  private func written(_ span: SpanRecord) throws -> ProtobufReader {
    let export = SpanExport(
      resource: ["service.name": .string("s"), "a": .int(-1)], scope: (name: "scope", version: "1.2"), spans: [span])
    let request = try #require(ProtobufReader(Array(export.wire().readableBytesView)))
    let resourceSpans = try #require(request.messages(1).first)
    let attributes = resourceSpans.messages(1).first?.messages(1)
    #expect(attributes?.map { $0.string(1) } == ["a", "service.name"])
    let scopeSpans = try #require(resourceSpans.messages(2).first)
    #expect(scopeSpans.messages(1).first?.string(1) == "scope")
    #expect(scopeSpans.messages(1).first?.string(2) == "1.2")
    return try #require(scopeSpans.messages(2).first)
  }

  @Test func allFieldsHaveTheirNumbers() throws {
    let span = try written(
      SpanRecord(
        position: Self.position, parent: SpanID(1), parentIsRemote: true, name: "name", kind: .server, start: 5, end: 9,
        attributes: ["k": .string("v")], events: [.init(name: "event", time: 7, attributes: ["e": .bool(true)])],
        links: [.init(position: Self.position, attributes: ["l": .double(0.5)])], status: .error(message: "why")))
    #expect(
      span.bytes(1) == [
        0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36,
      ])
    #expect(span.bytes(2) == [0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7])
    #expect(span.string(3) == "a=1")
    #expect(span.bytes(4) == [0, 0, 0, 0, 0, 0, 0, 1])
    #expect(span.string(5) == "name")
    #expect(span.number(6) == 2)
    #expect(span[7] == [.fixed64(5)])
    #expect(span[8] == [.fixed64(9)])
    #expect(span.messages(9).first?.string(1) == "k")
    #expect(span.messages(9).first?.messages(2).first?.string(1) == "v")
    let event = try #require(span.messages(11).first)
    #expect(event[1] == [.fixed64(7)])
    #expect(event.string(2) == "event")
    #expect(event.messages(3).first?.messages(2).first?.number(2) == 1)
    let link = try #require(span.messages(13).first)
    #expect(link.bytes(1) == span.bytes(1) && link.bytes(2) == span.bytes(2))
    #expect(link.messages(4).first?.string(1) == "l")
    #expect(span.messages(15).first?.string(2) == "why")
    #expect(span.messages(15).first?.number(3) == 2)
    #expect(span[16] == [.fixed32(0x303)])
  }

  @Test func absentValuesAreOmitted() throws {
    let span = try written(SpanRecord(position: Self.position, name: "", start: 1, end: 1))
    for field in [4, 9, 11, 13, 15] { #expect(span[field].isEmpty, "\(field)") }
    #expect(span[16] == [.fixed32(3)])
  }

  @Test func attributesHaveTheKindsThatThereAre() throws {
    let values: [(AttributeValue, field: Int)] = [
      (.string("s"), 1), (.bool(false), 2), (.int(-1), 3), (.double(2), 4), (.array([.int(1), .string("x")]), 5),
    ]
    for (value, field) in values {
      let span = try written(SpanRecord(position: Self.position, name: "", start: 1, end: 1, attributes: ["k": value]))
      let written = try #require(span.messages(9).first?.messages(2).first)
      #expect(written.fields.map(\.number) == [field])
    }
  }
}
