import Checkpoint

/// scimult.json: what a model's folder says to this server alone. It wins over what other files say.
struct SciMultFile {
  static let name = "scimult.json"

  let instructions: Instructions?
  let paperForm: Reading.PaperForm?
  let similarity: Similarity?

  private static let keys = ["instructions", "papers", "similarity"]

  /// - Throws: `ModelError` naming a key that is not known, or a value that cannot be served.
  init(folder: ModelFolder) throws(ModelError) {
    guard let file = try folder.json(Self.name) else {
      (instructions, paperForm, similarity) = (nil, nil, nil)
      return
    }
    if let unknown = file.keys.first(where: { !Self.keys.contains($0) }) {
      throw file.refusal(unknown, "unknown key; known are \(Self.keys.joined(separator: ", "))")
    }
    instructions = try file.object("instructions").flatMap { (given) throws(ModelError) in try Instructions(given) }
    paperForm = try Self.choice("papers", of: file)
    similarity = try Self.choice("similarity", of: file)
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
