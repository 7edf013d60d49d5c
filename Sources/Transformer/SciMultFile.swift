import Checkpoint

/// scimult.json: a folder's settings for this server alone. They win over other files.
public struct SciMultFile {
  public static let name = "scimult.json"

  var instructions: Instructions?
  var controlCodes: Instructions?
  var paperForm: Reading.PaperForm?
  var similarity: Similarity?
  var experts: ExpertChoice?
  /// Folders of whole encoders, inside the model's folder.
  var encoders: [EncodingRole: String]?
  /// The longest text in tokens, including [CLS] and [SEP].
  var maxTokens: [EncodingRole: Int] = [:]

  private static let keys = [
    "control_codes", "encoders", "experts", "instructions", "max_tokens", "papers", "similarity",
  ]

  /// - Throws: `ModelError` with a key that is unknown, or a value that cannot be served.
  init(folder: ModelFolder) throws(ModelError) {
    guard let file = try folder.json(Self.name) else { return }
    if let unknown = file.keys.first(where: { !Self.keys.contains($0) }) {
      throw file.refusal(unknown, "unknown key; known are \(Self.keys.joined(separator: ", "))")
    }
    instructions = try file.object("instructions").flatMap { (given) throws(ModelError) in try Instructions(given) }
    controlCodes = try Self.controlCodes(file)
    if instructions != nil, controlCodes != nil {
      throw file.refusal("control_codes", "cannot be served with instructions: one of them comes first in a text")
    }
    paperForm = try Self.choice("papers", of: file)
    similarity = try Self.choice("similarity", of: file)
    experts = try file.object("experts").flatMap { (given) throws(ModelError) in try ExpertChoice(given) }
    encoders = try Self.encoders(file)
    if experts != nil, encoders != nil {
      throw file.refusal("encoders", "cannot be served with experts: name the folders there")
    }
    maxTokens = try Self.maxTokens(file)
  }

  private static func controlCodes(_ file: ModelSettings) throws(ModelError) -> Instructions? {
    let key = "control_codes"
    guard let flag = file.value(key)?.bool else {
      return try file.object(key).flatMap { (given) throws(ModelError) in try Instructions(given, mayBeOneForBoth: true)
      }
    }
    return flag ? .sciRepEvalCodes : nil
  }

  private static func encoders(_ file: ModelSettings) throws(ModelError) -> [EncodingRole: String]? {
    guard let given = try file.object("encoders") else { return nil }
    if let unknown = given.keys.first(where: { EncodingRole(rawValue: $0) == nil }) {
      throw given.refusal(unknown, "unknown role; known are query, candidate")
    }
    var folders: [EncodingRole: String] = [:]
    for role in EncodingRole.allCases {
      guard let folder = try given.string(role.rawValue) else {
        throw given.refusal(role.rawValue, "is missing: name the folder of an encoder, inside of this one")
      }
      folders[role] = folder
    }
    return folders
  }

  private static func maxTokens(_ file: ModelSettings) throws(ModelError) -> [EncodingRole: Int] {
    let (key, range) = ("max_tokens", 2...Int(Int32.max))
    guard file.value(key)?.object != nil, let given = try file.object(key) else {
      guard let limit = try file.int(key, in: range) else { return [:] }
      return [.query: limit, .candidate: limit]
    }
    var limits: [EncodingRole: Int] = [:]
    for name in given.keys {
      guard let role = EncodingRole(rawValue: name) else {
        throw given.refusal(name, "unknown role; known are query, candidate")
      }
      limits[role] = try given.int(name, in: range)
    }
    return limits
  }

  private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, of file: ModelSettings
  ) throws(ModelError) -> Choice? {
    guard let name = try file.string(key) else { return nil }
    guard let choice = Choice(rawValue: name) else {
      let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw file.refusal(key, "\"\(name)\" is not known; known are \(known)")
    }
    return choice
  }
}
