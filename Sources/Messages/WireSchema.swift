/// What a scan knows about a message type: its fields by number.
struct WireSchema: Sendable {
  indirect enum Field: Sendable {
    /// A varint: integers, booleans, enumerations.
    case number
    /// UTF-8 without NUL.
    case string
    /// A string whose valid values are all short: at most `maxBytes` bytes.
    case name(maxBytes: Int)
    /// A message that may occur once. By the specification, a second one would be merged with the first; with a oneof,
    /// protobuf-c 1.4 loses some of the first.
    case message(WireSchema)
    /// A repeated message, whose number in a request is limited.
    case documents(WireSchema)
  }

  let fields: [UInt32: (name: String, field: Field)]
}

extension WireSchema {
  static let encodeRequest = WireSchema(fields: [
    1: ("request_id", .string), 2: ("task", .number), 3: ("role", .number), 4: ("documents", .documents(document)),
    5: ("format", .number), 6: ("normalize", .number), 7: ("reject_truncation", .number), 9: ("task_name", taskName),
  ])

  static let rankRequest = WireSchema(fields: [
    1: ("request_id", .string), 2: ("task", .number), 3: ("query", .message(document)),
    4: ("candidates", .documents(document)), 5: ("collection", .string), 6: ("top_k", .number),
    7: ("return_documents", .number), 12: ("task_name", taskName),
  ])

  static let getModelRequest = WireSchema(fields: [:])

  private static let taskName = Field.name(maxBytes: 64)

  private static let document = WireSchema(fields: [
    1: ("id", .string), 2: ("text", .string), 3: ("paper", .message(paper)),
  ])

  private static let paper = WireSchema(fields: [1: ("title", .string), 2: ("abstract", .string)])
}
