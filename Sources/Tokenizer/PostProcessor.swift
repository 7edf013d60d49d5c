import JSON

/// The post-processor of a `tokenizer.json`, which puts special tokens around a text. Only BERT's is supported.
struct PostProcessor {
  var classification: (token: String, id: Int32)
  var separator: (token: String, id: Int32)
  /// Whether a pair becomes `[CLS] A [SEP] B [SEP]`, with type 1 for the second text and its separator.
  var handlesPairs: Bool

  private static let advice = "only BertProcessing, or a template [CLS] $A [SEP], is served"

  /// Why a file without one is refused.
  static let missing = "post_processor is null: no [CLS] and [SEP] stand around a text; \(advice)"

  private init(classification: (token: String, id: Int32), separator: (token: String, id: Int32), handlesPairs: Bool) {
    self.classification = classification
    self.separator = separator
    self.handlesPairs = handlesPairs
  }

  /// nil for null. A `Sequence` of one post-processor counts as that one.
  init?(_ json: JSONValue, in file: FolderFile) throws(TokenizerError) {
    if json.isNull { return nil }
    switch json["type"]?.string {
    case "BertProcessing":
      self.init(
        classification: try Self.pair(json["cls"], "cls", in: file),
        separator: try Self.pair(json["sep"], "sep", in: file),
        handlesPairs: true)
    case "TemplateProcessing": try self.init(template: json, in: file)
    case "Sequence" where json["processors"]?.array?.count == 1:
      try self.init(json["processors"]?.array?.first ?? .null, in: file)
    case let type: throw file.error("post_processor type \(type ?? json.kind) is not served; \(Self.advice)")
    }
  }

  /// `["[SEP]", 102]`
  private static func pair(
    _ value: JSONValue?, _ key: String, in file: FolderFile
  ) throws(TokenizerError) -> (token: String, id: Int32) {
    guard let values = value?.array, values.count == 2, let token = values[0].string, let id = values[1].number?.tokenID
    else { throw file.error("post_processor.\(key): a token and its id were expected") }
    return (token, id)
  }

  private init(template json: JSONValue, in file: FolderFile) throws(TokenizerError) {
    let single = try Self.pieces(json["single"], "single", in: file)
    guard single.count == 3, case .special(let first, 0) = single[0], single[1] == .sequence("A", 0),
      case .special(let last, 0) = single[2]
    else {
      let text = single.map(\.description).joined(separator: " ")
      throw file.error("post_processor.single is the template \"\(text)\"; \(Self.advice)")
    }
    let wanted: [Piece] = [
      .special(first, 0), .sequence("A", 0), .special(last, 0), .sequence("B", 1), .special(last, 1),
    ]
    self.init(
      classification: (first, try Self.id(of: first, json, in: file)),
      separator: (last, try Self.id(of: last, json, in: file)),
      handlesPairs: try Self.pieces(json["pair"], "pair", in: file) == wanted)
  }

  private enum Piece: Equatable, CustomStringConvertible {
    case special(String, Int)
    case sequence(String, Int)

    var description: String {
      switch self {
      case .special(let name, let type): "\(name):\(type)"
      case .sequence(let name, let type): "$\(name):\(type)"
      }
    }
  }

  private static func pieces(_ value: JSONValue?, _ key: String, in file: FolderFile) throws(TokenizerError) -> [Piece]
  {
    var pieces: [Piece] = []
    for entry in value?.array ?? [] {
      let special = entry["SpecialToken"]
      guard let piece = special ?? entry["Sequence"], let name = piece["id"]?.string,
        let type = piece["type_id"]?.number?.integer
      else { throw file.error("post_processor.\(key): neither a SpecialToken nor a Sequence with id and type_id") }
      pieces.append(special == nil ? .sequence(name, type) : .special(name, type))
    }
    return pieces
  }

  /// The id of a special token in the template.
  private static func id(of token: String, _ json: JSONValue, in file: FolderFile) throws(TokenizerError) -> Int32 {
    guard let ids = json["special_tokens"]?[token]?["ids"]?.array, ids.count == 1, let id = ids[0].number?.tokenID
    else {
      throw file.error("post_processor.special_tokens: \(token) has not one id")
    }
    return id
  }
}
