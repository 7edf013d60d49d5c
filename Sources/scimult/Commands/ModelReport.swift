import Service
import Transformer

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The report of `scimult inspect`.
struct ModelReport: Encodable {
  let name: String
  let architecture: String
  let tasks: [String]
  let experts: Int
  let expertRule: String?
  /// Layer numbers, from 0.
  let expertLayers: [Int]
  let expertParts: [String]
  /// The expert for each task and role.
  let routes: [Route]
  let encoders: Int
  let fingerprint: String
  let layers: Int
  let hiddenSize: Int
  let heads: Int
  let feedForwardSize: Int
  let vocabularySize: Int
  let casedVocabulary: Bool
  let dimensions: Int
  /// `bert` or `distilbert`.
  let family: String
  let activation: String
  let pooling: String
  /// Dense layers after pooling: "768 → 384, tanh".
  let dense: [String]
  let normalized: Bool
  /// The number of values kept of an embedding; null for all.
  let truncatedDimensions: Int?
  let similarity: String
  /// How a paper is read: `separator` or `pair`.
  let papers: String
  /// The prefix of a text, by role.
  let prompts: [String: String]
  /// Whether pooling counts the prompt's tokens.
  let promptPooled: Bool
  /// The parts of the folder that have no effect.
  let unused: Unused
  let maxTokens: Int
  /// The longest text by role.
  let maxTokensByRole: [String: Int]
  let parameters: Int
  let weightsFile: String
  let weightsFormat: String
  let weightsBytes: Int

  struct Route: Encodable {
    let task: String
    let role: String
    let expert: String
  }

  struct Unused: Encodable {
    let tensors: [String]
    let files: [String]
    let prompts: [String]
    let adapters: [String]
  }

  init(_ model: ServedModel) {
    let blueprint = model.blueprint
    let layouts = blueprint.layouts
    name = model.name
    architecture = blueprint.architecture.rawValue
    tasks = blueprint.tasks.map(\.rawValue)
    experts = layouts.reduce(0) { $0 + $1.experts }
    expertRule = layouts[0].rule
    expertLayers = Set(layouts.flatMap(\.layers)).sorted()
    expertParts = Self.parts(layouts)
    routes = blueprint.experts.map { Route(task: $0.task.rawValue, role: $0.role.rawValue, expert: $0.name) }
    encoders = layouts.count
    fingerprint = model.fingerprint
    layers = blueprint.configuration.layers
    hiddenSize = blueprint.configuration.hiddenSize
    heads = blueprint.configuration.heads
    feedForwardSize = blueprint.configuration.feedForwardSize
    vocabularySize = blueprint.configuration.vocabularySize
    casedVocabulary = model.reader.tokenizer.isCased
    dimensions = blueprint.dimensions
    pooling = blueprint.head.pooling.description
    dense = blueprint.head.denseDescriptions
    normalized = blueprint.head.isNormalized
    truncatedDimensions = blueprint.head.truncatedDimensions
    similarity = blueprint.similarity.rawValue
    family = blueprint.configuration.family.rawValue
    activation = blueprint.configuration.activation.rawValue
    papers = blueprint.reading.paperForm.rawValue
    prompts = Dictionary(uniqueKeysWithValues: blueprint.reading.prompts.map { ($0.rawValue, $1) })
    promptPooled = blueprint.head.poolsPrompt
    unused = Unused(
      tensors: blueprint.unread.tensors, files: blueprint.unread.files, prompts: blueprint.unread.prompts,
      adapters: blueprint.unread.adapters)
    maxTokens = blueprint.maxTokens
    maxTokensByRole = Dictionary(
      uniqueKeysWithValues: EncodingRole.allCases.map { ($0.rawValue, blueprint.reading.maxTokens($0)) })
    parameters = model.encoder.parameterCount
    weightsFile = blueprint.weights.path
    weightsFormat = String(describing: blueprint.weights.format)
    weightsBytes = blueprint.weights.byteCount
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  func table() -> String {
    var rows: [(String, String)] = [
      ("model", name),
      ("architecture", architecture + (encoders > 1 ? ", \(encoders) encoders" : "")),
      ("tasks", tasks.joined(separator: ", ")),
    ]
    if !expertParts.isEmpty {
      let list = expertLayers.map(String.init).joined(separator: ", ")
      let parts = expertParts.map { $0.replacing("_", with: "-") }.joined(separator: " and ")
      rows.append(
        (
          "experts",
          "\(experts), each with its own \(parts) in layers \(list)" + (expertRule.map { " (\($0))" } ?? "")
        ))
    }
    for route in routes { rows.append(("\(route.task) \(route.role)", "expert \(route.expert)")) }
    rows += [
      ("shape", "\(family), \(layers) layers, hidden \(hiddenSize), \(heads) heads, \(feedForward)"),
      ("vocabulary", "\(vocabularySize) tokens, \(casedVocabulary ? "cased" : "uncased")"),
      ("embedding", embedding),
      ("similarity", similarity),
      ("longest text", longestText),
      ("parameters", Self.grouped(parameters)),
      ("fingerprint", fingerprint),
      ("weights", "\(weightsFile) (\(weightsFormat), \(Self.grouped(weightsBytes)) bytes)"),
    ]
    for (role, prompt) in prompts.sorted(by: { $0.key > $1.key }) {
      rows.append(("\(role) prompt", "\"\(prompt)\"\(promptPooled ? "" : ", left out of pooling")"))
    }
    if papers != Reading.PaperForm.separator.rawValue {
      rows.append(("papers", "read as a \(papers), with token types"))
    }
    for (kind, names) in [
      ("tensors", unused.tensors), ("files", unused.files), ("prompts", unused.prompts),
      ("adapters", unused.adapters),
    ] where !names.isEmpty {
      rows.append(("unused \(kind)", Self.listed(names)))
    }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, value in
      name + String(repeating: " ", count: width - name.count + 2) + value + "\n"
    }.joined()
  }

  private var longestText: String {
    guard Set(maxTokensByRole.values).count > 1 else { return "\(maxTokens) tokens" }
    return maxTokensByRole.sorted { $0.key > $1.key }.map { "\($1) tokens of a \($0)" }.joined(separator: ", ")
  }

  /// The parts that each expert has for itself.
  private static func parts(_ layouts: [ExpertLayout]) -> [String] {
    [
      ("attention", layouts.contains { !$0.attentionLayers.isEmpty }),
      ("feed_forward", layouts.contains { !$0.feedForwardLayers.isEmpty }),
      ("bottleneck", layouts.contains { !$0.bottlenecks.isEmpty }),
    ].filter(\.1).map(\.0)
  }

  private var feedForward: String { "feed-forward \(feedForwardSize) (\(activation))" }

  /// How an embedding is computed: "384 values, mean pooling, dense 768 → 384, tanh, normalised".
  private var embedding: String {
    let steps =
      dense.map { "dense \($0)" } + (normalized ? ["normalised"] : [])
      + (truncatedDimensions == nil ? [] : ["truncated"])
    return (["\(dimensions) values", "\(pooling) pooling"] + steps).joined(separator: ", ")
  }

  /// The first names, as many as fit in a line.
  private static func listed(_ names: [String]) -> String {
    let shown = 8
    let more = names.count > shown ? ", and \(names.count - shown) more" : ""
    return names.prefix(shown).joined(separator: ", ") + more
  }

  /// 1234567 as "1,234,567".
  private static func grouped(_ number: Int) -> String {
    var digits = Array(String(number))
    for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
    return String(digits)
  }
}
