import Checkpoint
import TestSupport
import Testing

@testable import Transformer

/// The adapters in a model's folder, and their default uses.
@Suite struct AdapterCatalogTests {
  private static let variants = Fixtures.golden + "/variants/"

  /// A folder with the encoder of `bottleneck-different`, and its adapters under other names.
  /// - Parameter adapters: names in the adapter's own files, by folder; nil for a file without a name.
  private static func folder(_ adapters: [String: String?]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let source = variants + "bottleneck-different"
    try folder.copy(["config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json"], from: source)
    for (name, own) in adapters {
      try folder.copy(allOf: source + "/adapters/find", to: "adapters/\(name)")
      try folder.replace(
        #""name": "find""#, by: own.map { "\"name\": \"\($0)\"" } ?? "\"name\": null",
        in: "adapters/\(name)/adapter_config.json")
    }
    return folder
  }

  private static func blueprint(_ folder: TemporaryFolder) throws -> ModelBlueprint {
    try ModelBlueprint(folder: ModelFolder(path: folder.path))
  }

  private static func refusal(_ folder: TemporaryFolder) throws -> ModelError {
    try #require(throws: ModelError.self) { try blueprint(folder) }
  }

  @Test func oneAdapterOfAnyNameServesTheThreeTasks() throws {
    let folder = try Self.folder(["anything": nil])
    let blueprint = try Self.blueprint(folder)
    #expect(blueprint.tasks == EncodingTask.standard)
    #expect(blueprint.layouts.map(\.experts) == [1] && blueprint.layouts[0].bottlenecks.count == 1)
    #expect(blueprint.experts.allSatisfy { $0.name == "anything" } && blueprint.experts.count == 6)
    #expect(blueprint.unread.adapters.isEmpty)
  }

  @Test(
    arguments: [["one": nil, "two": nil], ["one": nil, "proximity": nil], ["a": "[PRX]", "b": "c"]]
      as [[String: String?]])
  func severalAreRefusedWhereOneIsOfAnUnknownName(names: [String: String?]) throws {
    let folder = try Self.folder(names)
    let error = try Self.refusal(folder)
    #expect(error.file == folder.path)
    #expect(error.reason.contains("it is not known which task the adapter "), "\(error.reason)")
    #expect(error.reason.contains("scimult.json"))
  }

  @Test(arguments: [["adhoc_query": nil], ["x": "[QRY]"]] as [[String: String?]])
  func publishedAdaptersThatServeNoTaskAreRefused(names: [String: String?]) throws {
    let error = try Self.refusal(try Self.folder(names))
    #expect(error.reason.contains("serve no task: search needs adhoc_query and proximity"))
  }

  @Test func twoOfOneKindAreRefused() throws {
    let folder = try Self.folder(["specter2": nil, "specter2_aug2023refresh": nil, "adhoc_query": nil])
    let error = try Self.refusal(folder)
    #expect(error.reason.contains("specter2 and specter2_aug2023refresh are for the same task"), "\(error.reason)")
  }

  @Test func aPartOfThePublishedOnesServesItsTasks() throws {
    let folder = try Self.folder(["a": "[PRX]", "specter2_aug2023refresh_regression": nil, "adhoc_query": "other"])
    let blueprint = try Self.blueprint(folder)
    #expect(blueprint.tasks == [.linkPrediction, .search, .regression])
    let names = Dictionary(
      uniqueKeysWithValues: blueprint.experts.map { ("\($0.task.rawValue) \($0.role.rawValue)", $0.name) })
    #expect(
      names == [
        "link_prediction query": "[PRX]", "link_prediction candidate": "[PRX]", "search query": "adhoc_query",
        "search candidate": "[PRX]", "regression query": "specter2_aug2023refresh_regression",
        "regression candidate": "specter2_aug2023refresh_regression",
      ])
  }

  @Test(arguments: [["a": "same", "b": "same"], ["a": "b", "b": "c"]] as [[String: String?]])
  func oneNameOfTwoAdaptersIsRefused(names: [String: String?]) throws {
    let folder = try Self.folder(names)
    let error = try Self.refusal(folder)
    #expect(error.file == folder.file("adapters/b"))
    #expect(error.reason.contains("another adapter is as well"))
  }

  @Test func hiddenFoldersAndFilesAreNoAdapters() throws {
    let folder = try Self.folder(["anything": nil, ".cache": nil])
    try folder.write("adapters/README.md", "words")
    #expect(try Self.blueprint(folder).experts.allSatisfy { $0.name == "anything" })
  }

  @Test func aFolderThatHoldsNoAdapterIsRefused() throws {
    let folder = try Self.folder(["anything": nil])
    try folder.write("adapters/empty/README.md", "words")
    let error = try Self.refusal(folder)
    #expect(error.file == folder.file("adapters/empty") && error.reason.contains("adapter_config.json"))
  }

  @Test func unusedAdaptersAreListedAsUnread() throws {
    let folder = try Self.folder(["one": "1", "two": nil, "three": nil])
    try folder.write("scimult.json", #"{"experts": {"search": "two"}}"#)
    #expect(try Self.blueprint(folder).unread.adapters == ["1", "three"])
    #expect(try Self.blueprint(folder).tasks == [.search])
  }

  @Test(arguments: [
    (#"{"search": "four"}"#, "experts.search"),
    (#"{"search": {"query": "one", "candidate": "four"}}"#, "experts.search.candidate"),
    (#"{"search": "adapters/one"}"#, "experts.search"), (#"{"search": ""}"#, "experts.search"),
    (#"{"search": "../one"}"#, "experts.search"),
  ])
  func anExpertThatIsNotThereIsNamedByItsKey(experts: String, entry: String) throws {
    let folder = try Self.folder(["one": nil])
    try folder.write("scimult.json", "{\"experts\": \(experts)}")
    let error = try Self.refusal(folder)
    #expect(error.file == folder.file("scimult.json") && error.entry == entry, "\(error)")
  }

  @Test func noChoiceLeavesTheAdaptersToTheirNames() throws {
    let folder = try Self.folder(["anything": nil])
    let chosen = try Self.blueprint(folder)
    try folder.write("scimult.json", #"{"experts": {}}"#)
    let blueprint = try Self.blueprint(folder)
    #expect(blueprint.layouts == chosen.layouts && blueprint.routing == chosen.routing)
  }

  @Test func expertsOfACommandLineWin() throws {
    let folder = try Self.folder(["one": nil])
    try folder.write("scimult.json", #"{"experts": {"search": "one"}}"#)
    let path = Self.variants + "bottleneck-different/adapters/"
    let assignments = try ["topics:query=\(path)ask", "topics:candidate=", "search=\(path)link"].map {
      try #require(ExpertAssignment($0))
    }
    let blueprint = try ModelBlueprint(folder: ModelFolder(path: folder.path), experts: assignments)
    #expect(blueprint.tasks.map(\.rawValue) == ["search", "topics"])
    #expect(blueprint.experts.map(\.name) == ["link", "link", "ask", "base"])
    #expect(blueprint.unread.adapters == ["one"])
  }
}
