import Checkpoint
import Testing

@testable import Transformer

/// The files that sentence-transformers adds to a BERT folder.
@Suite struct SentenceTransformersFilesTests {
  private static func read(_ files: [String: String]) throws -> SentenceTransformersFiles {
    let builder = try ModelFolderBuilder()
    for (name, text) in files { try builder.write(name, text) }
    return try SentenceTransformersFiles(folder: builder.folder())
  }

  private static func modules(_ kinds: String...) -> String {
    let modules = kinds.enumerated().map { index, kind in
      "{\"idx\": \(index), \"name\": \"\(index)\", \"path\": \"\(index == 0 ? "" : "\(index)_\(kind)")\", "
        + "\"type\": \"sentence_transformers.models.\(kind)\"}"
    }
    return "[" + modules.joined(separator: ", ") + "]"
  }

  private static func pooling(_ modes: String...) -> String {
    let flags = modes.map { "\"pooling_mode_\($0)\": true" }
    let others = ["\"word_embedding_dimension\": 64", "\"pooling_mode_lasttoken\": false"]
    return "{" + (others + flags).joined(separator: ", ") + "}"
  }

  @Test func aPlainFolderHasNone() throws {
    let files = try Self.read([:])
    #expect(files.pooling == nil && files.maxTokens == nil)
  }

  @Test(arguments: [("cls_token", Pooling.Method.cls), ("mean_tokens", .mean)])
  func modulesSayPoolingAndNormalisation(mode: String, method: Pooling.Method) throws {
    let plain = try Self.read([
      "modules.json": Self.modules("Transformer", "Pooling"), "1_Pooling/config.json": Self.pooling(mode),
    ])
    #expect(plain.pooling == Pooling(method: method, normalize: false))
    let normalized = try Self.read([
      "modules.json": Self.modules("Transformer", "Pooling", "Normalize"), "1_Pooling/config.json": Self.pooling(mode),
    ])
    #expect(normalized.pooling == Pooling(method: method, normalize: true))
  }

  @Test(arguments: [("cls", Pooling.Method.cls), ("mean", .mean)])
  func newerFoldersNameOneMethod(mode: String, method: Pooling.Method) throws {
    let files = try Self.read([
      "modules.json": Self.modules("Transformer", "Pooling"),
      "1_Pooling/config.json": "{\"pooling_mode\": \"\(mode)\"}",
    ])
    #expect(files.pooling?.method == method)
  }

  @Test func thePoolingFolderIsReadWithoutModulesToo() throws {
    let files = try Self.read(["1_Pooling/config.json": Self.pooling("mean_tokens")])
    #expect(files.pooling == Pooling(method: .mean, normalize: false))
  }

  @Test func theLongestTextIsRead() throws {
    let config = "{\"max_seq_length\": 256, \"do_lower_case\": false}"
    #expect(try Self.read(["sentence_bert_config.json": config]).maxTokens == 256)
    #expect(try Self.read(["sentence_bert_config.json": "{\"max_seq_length\": null}"]).maxTokens == nil)
  }

  @Test(arguments: [-1, 0, 1])
  func aLongestTextWithoutRoomIsRefused(length: Int) throws {
    let error = try #require(throws: ModelError.self) {
      try Self.read(["sentence_bert_config.json": "{\"max_seq_length\": \(length)}"])
    }
    #expect(error.entry == "max_seq_length")
  }

  @Test(
    arguments: [
      pooling("max_tokens"), pooling("weightedmean_tokens"), pooling("cls_token", "mean_tokens"), pooling(),
      "{\"pooling_mode\": \"max\"}", "[]", "{\"pooling_mode_cls_token\": \"yes\"}",
    ])
  func poolingThatIsNotServedIsRefused(config: String) throws {
    let error = try #require(throws: ModelError.self) {
      try Self.read(["modules.json": Self.modules("Transformer", "Pooling"), "1_Pooling/config.json": config])
    }
    #expect(error.file.hasSuffix("/1_Pooling/config.json"))
  }

  @Test(
    arguments: [
      modules("Transformer", "Pooling", "Dense"), modules("Transformer", "LSTM", "Pooling"), modules("Transformer"),
      "{}", "[{}]", "[",
    ])
  func modulesThatAreNotServedAreRefused(modules: String) throws {
    let error = try #require(throws: ModelError.self) {
      try Self.read(["modules.json": modules, "1_Pooling/config.json": Self.pooling("cls_token")])
    }
    #expect(error.file.hasSuffix("/modules.json") || error.file.hasSuffix("config.json"))
  }

  @Test func aPoolingFolderThatIsMissingIsNamed() throws {
    let error = try #require(throws: ModelError.self) {
      try Self.read(["modules.json": Self.modules("Transformer", "Pooling")])
    }
    #expect(error.file.hasSuffix("/1_Pooling/config.json"))
  }

  @Test func aPoolingPathOutsideTheFolderIsRefused() {
    let modules = "[{\"path\": \"../../etc\", \"type\": \"sentence_transformers.models.Pooling\"}]"
    #expect(throws: ModelError.self) { try Self.read(["modules.json": modules]) }
  }
}
