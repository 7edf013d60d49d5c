import Checkpoint
import GRPC
import Messages
import TestSupport
import Testing
import Transformer

@testable import Service

/// How a model reads documents: its length limits by role, its control codes and its vocabulary.
@Suite struct DocumentReaderTests {
  private static func reader(_ variant: String) throws -> DocumentReader {
    try DocumentReader(path: Fixtures.golden + "/variants/" + variant)
  }

  private static func refusal(_ copy: ModelCopy) throws -> ModelError {
    try #require(throws: ModelError.self) { try DocumentReader(path: copy.path) }
  }

  private static let long = String(repeating: "a ", count: 100)

  @Test(arguments: [("max-tokens-by-role", 12, 30), ("encoders-medcpt", 16, 40), ("max-tokens", 20, 20)])
  func aTextIsCutAtTheLengthOfItsRole(variant: String, query: Int, candidate: Int) throws {
    let reader = try Self.reader(variant)
    #expect(reader.blueprint.maxTokens == max(query, candidate))
    for (role, limit) in [(EncodingRole.query, query), (.candidate, candidate)] {
      for content in [Document.Content.text(Self.long), .paper(title: Self.long, abstract: Self.long)] {
        let tokens = reader.tokens(of: content, task: .search, role: role)
        #expect(tokens.ids.count == limit && tokens.truncated)
      }
      let fits = reader.tokens(of: .text(String(repeating: "a ", count: limit - 2)), task: .search, role: role)
      #expect(fits.ids.count == limit && !fits.truncated)
      #expect(reader.tokens(of: .text(Self.long), task: .search, role: role, maxTokens: 60).ids.count == 60)
    }
  }

  @Test func aTextThatIsTooLongIsRefusedByTheLengthOfItsRole() throws {
    let validation = Validation(
      model: try ServedModel(path: Fixtures.golden + "/variants/max-tokens-by-role"), maxDocuments: 2)
    let document = Document(content: .text(String(repeating: "a ", count: 20)))
    let candidate = try validation.input(
      document, field: "documents[0]", task: .search, role: .candidate, rejectTruncation: true)
    #expect(!candidate.truncated && candidate.0.tokens.count == 22)
    let status = try #require(throws: Status.self) {
      try validation.input(document, field: "documents[0]", task: .search, role: .query, rejectTruncation: true)
    }
    #expect(status.message.contains("22 tokens; the model reads 12"))
  }

  @Test func theControlCodeIsTheSecondToken() throws {
    let reader = try Self.reader("control-codes")
    let codes = [
      "search": ["[QRY]", "[PRX]"], "link_prediction": ["[PRX]", "[PRX]"], "regression": ["[RGN]", "[RGN]"],
    ]
    for (name, codes) in codes {
      let task = try #require(EncodingTask(name: name))
      for (role, code) in zip(EncodingRole.allCases, codes) {
        let ids = reader.tokens(of: .text("a"), task: task, role: role).ids
        #expect(ids[1] == reader.tokenizer.encode(code, maxTokens: 4).ids[1])
        #expect(ids.count == 4)
      }
    }
  }

  @Test(arguments: [
    (#"{"search": "[CLF] [PRX]"}"#, "search", "is not one token"),
    (#"{"search": "[CLF]a"}"#, "search", "is not one token"),
    (#"{"search": ""}"#, "search", "is not one token"), (#"{"search": " "}"#, "search", "is not one token"),
    (#"{"search": "[ABC]"}"#, "search", "is not one token"), (#"{"topics": "漢"}"#, "topics", "is not one token"),
    (#"{"search": "[CLF]", "topics": {"query": "[CLF]", "candidate": "a b"}}"#, "topics", "\"a b\" is not one token"),
    (#"{"search": {"query": "[CLF]"}}"#, "search", "has no code for candidate"),
  ])
  func aControlCodeIsOneKnownToken(codes: String, task: String, reason: String) throws {
    let copy = try ModelCopy("control-codes")
    try copy.write("scimult.json", "{\"control_codes\": \(codes)}")
    let error = try Self.refusal(copy)
    #expect(error.file == copy.path + "/scimult.json")
    #expect(error.entry == "control_codes.\(task)")
    #expect(error.reason.contains(reason), "\(error)")
  }

  @Test func encodersOfOneModelShareAVocabulary() throws {
    for change in [
      { try $0.exchangeLines(100, 101, of: "article-encoder/vocab.txt") },
      { try $0.write("article-encoder/tokenizer_config.json", #"{"do_lower_case": false}"#) },
      {
        try $0.write(
          "article-encoder/tokenizer_config.json", #"{"do_lower_case": true, "truncation_side": "left"}"#)
      },
    ] as [(ModelCopy) throws -> Void] {
      let copy = try ModelCopy("encoders-medcpt")
      try change(copy)
      let error = try Self.refusal(copy)
      #expect(error.file == copy.path + "/article-encoder")
      #expect(error.reason.contains("encoders of one model share a vocabulary"), "\(error)")
    }
  }

  @Test func equivalentVocabularyFilesAreAccepted() throws {
    let copy = try ModelCopy("encoders-medcpt")
    try copy.write(
      "article-encoder/tokenizer_config.json",
      #"{"do_lower_case": true, "tokenizer_class": "BertTokenizerFast", "model_max_length": 512, "cls_token": "[CLS]"}"#
    )
    _ = try DocumentReader(path: copy.path)
    try copy.remove("article-encoder/vocab.txt")
    #expect(throws: ModelError.self, "a vocabulary of its own has to be there") { try DocumentReader(path: copy.path) }
  }

  @Test func aTaskThatTheModelLacksIsNamedWithThoseThatItHas() throws {
    let reader = try Self.reader("bottleneck-different")
    let topics = try #require(EncodingTask(name: "topics of papers"))
    #expect(reader.refusal(of: topics) == nil && reader.refusal(of: .search) == nil)
    let other = try #require(EncodingTask(name: "topics"))
    let refusal = try #require(reader.refusal(of: other))
    #expect(
      refusal
        == "the model bottleneck-different does not serve the task topics; it serves classification, link_prediction, "
        + "search, regression, topics of papers")
  }

  @Test func expertsCannotBeLaidIntoAConvertedModel() throws {
    let folder = try TemporaryFolder()
    let model = try ServedModel(path: Fixtures.golden + "/variants/bottleneck-different")
    var bytes: [UInt8] = []
    try ConvertedModel.write(model.encoder, tokenizerFiles: model.reader.tokenizerFiles().all) {
      bytes.append(contentsOf: $0)
    }
    let path = try folder.write("model.scimult", bytes: bytes)
    let assignment = try #require(ExpertAssignment("search="))
    let error = try #require(throws: ModelError.self) { try DocumentReader(path: path, experts: [assignment]) }
    #expect(error.file == path && error.reason.contains("experts are laid into a folder's model"))
    _ = try DocumentReader(path: path)
  }

  @Test func aTaskOfAnyNameIsServedByItsName() throws {
    let validation = Validation(
      model: try ServedModel(path: Fixtures.golden + "/variants/bottleneck-different"), maxDocuments: 2)
    #expect(try validation.task(0, name: "topics of papers").rawValue == "topics of papers")
    #expect(try validation.task(0, name: "regression").rawValue == "regression")
    let status = try #require(throws: Status.self) { try validation.task(3, name: "regression") }
    #expect(status.code == .invalidArgument && status.message.hasPrefix("task_name: "))
    #expect(throws: Status.self) { try validation.task(0, name: "topics-of-papers") }
  }
}
