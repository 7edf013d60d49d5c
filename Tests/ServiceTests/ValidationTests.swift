import GRPC
import Messages
import TestSupport
import Testing
import Transformer

@testable import Service

/// Invalid requests are refused with a status that names the field.
@Suite struct ValidationTests {
  private let validation: Validation

  init() throws {
    validation = Validation(model: try ServedModel(path: Fixtures.tinyExpert), maxDocuments: 5)
  }

  private static func status(_ body: () throws -> Any) throws -> Status {
    try #require(throws: Status.self) { _ = try body() }
  }

  @Test func tasksAndRolesHaveTheNumbersOfTheContract() throws {
    #expect(try validation.task(1, name: "") == .classification)
    #expect(try validation.task(2, name: "") == .linkPrediction)
    #expect(try validation.task(3, name: "") == .search)
    #expect(try validation.role(0) == .query && validation.role(1) == .query)
    #expect(try validation.role(2) == .candidate)
    #expect(try validation.format(0) == .float32)
    #expect(try validation.format(4) == .binary)
    for task in EncodingTask.standard {
      #expect(try EncodingTask(contractCode: #require(task.contractCode)) == task)
    }
  }

  @Test func aTaskIsNamedByNumberOrNameOrBoth() throws {
    #expect(try validation.task(0, name: "link_prediction") == .linkPrediction)
    #expect(try validation.task(0, name: "link-prediction") == .linkPrediction)
    #expect(try validation.task(3, name: "search") == .search)
  }

  @Test func aNumberAndANameThatDisagreeAreRefused() throws {
    let status = try Self.status { try validation.task(1, name: "search") }
    #expect(status.code == .invalidArgument)
    #expect(status.message.hasPrefix("task_name: ") && status.message.contains("classification"))
  }

  @Test func aNameThatIsNoneIsRefused() throws {
    let status = try Self.status { try validation.task(0, name: "a\nb") }
    #expect(status.code == .invalidArgument)
    #expect(status.message.hasPrefix("task_name: "))
  }

  @Test func aNameOfATaskThatTheModelLacksIsAFailedPrecondition() throws {
    let status = try Self.status { try validation.task(0, name: "regression") }
    #expect(status.code == .failedPrecondition)
    for word in ["regression", "classification", "search"] { #expect(status.message.contains(word)) }
  }

  @Test func aMissingTaskNamesTheTasks() throws {
    let status = try Self.status { try validation.task(0, name: "") }
    #expect(status.code == .invalidArgument)
    #expect(status.message.hasPrefix("task: ") && status.message.contains("TASK_SEARCH"))
  }

  @Test(arguments: [4, 99, -1, .max, .min] as [Int32])
  func anUnknownNumberNamesItsFieldAndValue(code: Int32) throws {
    for (field, body) in [
      ("task", { try validation.task(code, name: "") }), ("role", { try validation.role(code == 4 ? 3 : code) }),
      ("format", { try validation.format(code == 4 ? 5 : code) }),
    ] as [(String, () throws -> Any)] {
      let status = try Self.status(body)
      #expect(status.code == .invalidArgument)
      #expect(status.message.hasPrefix("\(field): "))
      if code != 4 { #expect(status.message.contains("\(code)")) }
    }
  }

  @Test func aTaskThatTheModelLacksIsAFailedPrecondition() throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.golden + "/variants/instruction"
    try folder.copy(["config.json", "vocab.txt", "tokenizer_config.json", "scimult.ckpt"], from: source)
    try folder.write("scimult.json", "{\"instructions\": {\"search\": {\"query\": \"Find:\"}}}")
    let validation = Validation(model: try ServedModel(path: folder.path, name: "finder"), maxDocuments: 5)
    #expect(try validation.task(3, name: "") == .search)
    let status = try Self.status { try validation.task(1, name: "") }
    #expect(status.code == .failedPrecondition)
    for word in ["finder", "classification", "search"] { #expect(status.message.contains(word)) }
  }

  @Test func noDocumentsAreRefused() throws {
    let status = try Self.status {
      try validation.inputs([], field: "candidates", task: .search, role: .candidate)
    }
    #expect(status.code == .invalidArgument)
    #expect(status.message.hasPrefix("candidates: ") && status.message.contains("5"))
  }

  @Test func aDocumentWithoutContentIsNamed() throws {
    let documents = [Document(content: .text("x")), Document(id: "no content", content: nil)]
    let status = try Self.status {
      try validation.inputs(documents, field: "documents", task: .search, role: .query)
    }
    #expect(status.code == .invalidArgument)
    #expect(status.message.hasPrefix("documents[1].content: "))
  }

  @Test func theDetailsNameTheFieldToo() throws {
    let status = try Self.status { try validation.role(7) }
    let bytes = Array(try #require(status.details).readableBytesView)
    let any = try #require(ProtobufReader(bytes)?.messages(3).first)
    let violation = try #require(ProtobufReader(any.bytes(2))?.messages(1).first)
    #expect(violation.string(1) == "role")
    #expect(violation.string(2) == "7 is not a Role")
    #expect(ProtobufReader(bytes)?.number(1) == 3)
  }

  @Test func aLongTextIsCutOrRefusedAsTheRequestWants() throws {
    let long = Document(content: .text(String(repeating: "graph ", count: 600)))
    let documents = [Document(content: .text("short")), long]
    let inputs = try validation.inputs(documents, field: "documents", task: .search, role: .query)
    #expect(inputs.truncated == [false, true])
    #expect(inputs.inputs.map(\.tokens.count) == [3, 512])
    let status = try Self.status {
      try validation.inputs(documents, field: "documents", task: .search, role: .query, rejectTruncation: true)
    }
    #expect(status.code == .invalidArgument)
    #expect(status.message.hasPrefix("documents[1]: "))
    #expect(status.message.contains("602") && status.message.contains("512"))
  }

  @Test func noMoreTokensAreCountedThanMemoryAllows() throws {
    for (words, count) in [(65_534, "65536"), (65_535, "more than 65536"), (200_000, "more than 65536")] {
      let document = Document(content: .text(String(repeating: "! ", count: words)))
      let status = try Self.status {
        try validation.inputs([document], field: "documents", task: .search, role: .query, rejectTruncation: true)
      }
      #expect(status.message.hasPrefix("documents[0]: \(count) tokens;"))
    }
  }

  @Test func emptyAndBlankContentIsRead() throws {
    let documents = [
      Document(content: .text("")), Document(content: .text("  \n ")),
      Document(content: .paper(title: "", abstract: "")),
    ]
    let inputs = try validation.inputs(documents, field: "documents", task: .search, role: .query).inputs
    #expect(inputs.map(\.tokens) == [[101, 102], [101, 102], [101, 102, 102]])
  }

  @Test func aPaperIsTitleSeparatorAbstract() throws {
    let paper = Document(content: .paper(title: "deep learning", abstract: "graph"))
    let text = Document(content: .text("deep learning [SEP] graph"))
    let inputs = try validation.inputs([paper, text], field: "documents", task: .search, role: .candidate).inputs
    #expect(inputs[0] == inputs[1])
    #expect(inputs[0].task == .search && inputs[0].role == .candidate)
  }
}
