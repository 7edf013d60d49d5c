import Checkpoint

/// config_sentence_transformers.json: settings of the whole model.
struct SentenceTransformersSettings {
  static let fileName = "config_sentence_transformers.json"

  private(set) var prompts: [EncodingRole: String] = [:]
  private(set) var similarity: Similarity?
  private(set) var truncatedDimensions: Int?
  /// The names of all prompts that are not empty, sorted.
  private(set) var promptNames: [String] = []
  /// The names of prompts that no role uses.
  private(set) var unreadPrompts: [String] = []

  /// The names that sentence-transformers gives every model, with an empty prompt if the file has none.
  private static let namesOfEveryModel: Set<String> = ["query", "document"]

  /// - Parameter similarity: a similarity that replaces the file's; nil for the file's own.
  init(folder: ModelFolder, similarity given: Similarity?) throws(ModelError) {
    similarity = given
    guard let file = try folder.json(Self.fileName) else { return }
    let type = try file.string("model_type") ?? "SentenceTransformer"
    guard type == "SentenceTransformer" else {
      throw file.refusal(
        "model_type", "\"\(type)\" is not served; SentenceTransformer, which makes one vector a text, is")
    }
    truncatedDimensions = try file.int("truncate_dim", in: 1...DenseShape.largest)
    if given == nil, let name = try file.string("similarity_fn_name") {
      guard let known = Similarity(rawValue: name == "dot_score" ? "dot" : name) else {
        throw file.refusal(
          "similarity_fn_name",
          "\"\(name)\" is not served; cosine and dot are (scimult.json: {\"similarity\": \"dot\"} chooses one)")
      }
      similarity = known
    }
    try readPrompts(file)
  }

  /// The names of a role's prompt; the first existing one counts.
  private static let namesByRole: [EncodingRole: [String]] = [
    .query: ["query"], .candidate: ["document", "passage", "corpus"],
  ]

  /// Takes the first existing prompt of a role, even an empty one, as `encode_query` and `encode_document` do.
  ///
  /// `default_prompt_name` replaces a missing prompt, as in `encode`. sentence-transformers saves an empty prompt for
  /// each role without one. The default prompt therefore also replaces an empty prompt, unless it has the other role's
  /// name.
  private mutating func readPrompts(_ file: ModelSettings) throws(ModelError) {
    let given = try file.object("prompts")
    var read: Set<String> = []
    for (role, names) in Self.namesByRole {
      guard let given, let name = names.first(where: given.contains) else { continue }
      read.insert(name)
      prompts[role] = try given.string(name) ?? ""
    }
    if let name = try file.string("default_prompt_name") {
      let isGiven = given?.contains(name) == true
      guard isGiven || Self.namesOfEveryModel.contains(name) else {
        throw file.refusal("default_prompt_name", "\"\(name)\" is none of the prompts")
      }
      let owners = Self.namesByRole.filter { $0.value.contains(name) }.map(\.key)
      for role in EncodingRole.allCases where isGiven {
        let standsIn = prompts[role].map { $0.isEmpty && (owners.isEmpty || owners.contains(role)) } ?? true
        guard standsIn else { continue }
        read.insert(name)
        prompts[role] = try given?.string(name) ?? ""
      }
    }
    for name in Set(given?.keys ?? []).sorted() where try given?.string(name) ?? "" != "" { promptNames.append(name) }
    unreadPrompts = promptNames.filter { !read.contains($0) }
  }
}
