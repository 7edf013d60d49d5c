import Checkpoint
import Testing

@testable import Transformer

/// The explicit choice of experts for tasks and roles: in scimult.json, and on a command line.
@Suite struct ExpertChoiceTests {
  private static func read(_ text: String) throws -> ExpertChoice? {
    let builder = try ModelFolderBuilder()
    try builder.write("scimult.json", "{\"experts\": \(text)}")
    return try SciMultFile(folder: builder.folder()).experts
  }

  private static func assigned(_ texts: String...) throws -> ExpertChoice {
    try ExpertChoice(texts.map { try #require(ExpertAssignment($0)) }, of: "model")
  }

  @Test func theFileNamesExpertsForBothRolesOrForEach() throws {
    let choice = try #require(
      try Self.read(
        """
        {"search": {"query": "a", "candidate": "b"}, "link-prediction": "c", "classification": null,
        "regression": {"query": null, "candidate": "a"}, "topics of papers": "a"}
        """))
    let topics = try #require(EncodingTask(rawValue: "topics of papers"))
    #expect(choice.tasks == [.classification, .linkPrediction, .search, .regression, topics])
    #expect(choice[.search, .query] == .named("a") && choice[.search, .candidate] == .named("b"))
    #expect(choice[.regression, .query] == .base && choice[.regression, .candidate] == .named("a"))
    for role in EncodingRole.allCases {
      #expect(choice[.linkPrediction, role] == .named("c"))
      #expect(choice[.classification, role] == .base)
      #expect(choice[topics, role] == .named("a"))
    }
  }

  @Test func anErrorNamesTheKeyOfTheChoice() throws {
    let choice = try #require(
      try Self.read(#"{"search": {"query": "a", "candidate": "b"}, "regression": {"query": "a", "candidate": "a"}}"#))
    #expect(choice.key(.search, .query) == "experts.search.query")
    #expect(choice.key(.search, .candidate) == "experts.search.candidate")
    #expect(choice.key(.regression, .query) == "experts.regression")
    let encoders = ExpertChoice(encoders: [.query: "q", .candidate: "c"])
    #expect(encoders.key(.search, .candidate) == "encoders.candidate")
    #expect(encoders.tasks == EncodingTask.standard)
    for task in EncodingTask.standard {
      #expect(encoders[task, .query] == .named("q") && encoders[task, .candidate] == .named("c"))
    }
  }

  @Test(arguments: [
    (#"{"search": {"query": "a"}}"#, "experts.search.candidate"),
    (#"{"search": {"candidate": null}}"#, "experts.search.query"), (#"{"search": {}}"#, "experts.search.query"),
    (#"{"search": {"query": "a", "candidate": "b", "reader": "c"}}"#, "experts.search.reader"),
    (#"{"search": {"query": 1, "candidate": "b"}}"#, "experts.search.query"), (#"{"search": 1}"#, "experts.search"),
    (#"{"search": ["a"]}"#, "experts.search"),
    (#"{"search": {"query": ["a"], "candidate": "b"}}"#, "experts.search.query"),
    (#"{"": "a"}"#, "experts."), (#"{"a\nb": "a"}"#, "experts.a\\u{a}b"), ("[]", "experts"), ("\"a\"", "experts"),
    ("true", "experts"),
  ])
  func whatIsNoChoiceIsRefusedByItsKey(text: String, entry: String) throws {
    let error = try #require(throws: ModelError.self) { try Self.read(text) }
    #expect(error.entry == entry)
    #expect(error.file.hasSuffix("/scimult.json"))
  }

  @Test(arguments: ["{}", "null"])
  func noTasksAreNoChoice(text: String) throws {
    #expect(try Self.read(text) == nil)
  }

  @Test(
    arguments: [
      ("search=a/b", "search", EncodingRole.allCases, "a/b"), ("search:query=/a", "search", [.query], "/a"),
      ("search:candidate=", "search", [.candidate], nil),
      ("link-prediction=", "link_prediction", EncodingRole.allCases, nil),
      ("topics of papers:query=a=b:c", "topics of papers", [.query], "a=b:c"),
      ("regression= ", "regression", EncodingRole.allCases, " "),
    ] as [(String, String, [EncodingRole], String?)])
  func anAssignmentIsTaskRoleAndPath(text: String, task: String, roles: [EncodingRole], path: String?) throws {
    let assignment = try #require(ExpertAssignment(text))
    #expect(assignment.task.rawValue == task)
    #expect(assignment.roles == roles)
    #expect(assignment.path == path)
  }

  @Test(arguments: [
    "", "search", "=a", ":query=a", "search:=a", "search:reader=a", "search:query:query=a", "search:Query=a", "a\nb=a",
    "search:query", String(repeating: "x", count: 65) + "=a",
  ])
  func whatIsNoAssignmentIsNone(text: String) {
    #expect(ExpertAssignment(text) == nil)
  }

  @Test func laterAssignmentsReplaceEarlierOnes() throws {
    let choice = try Self.assigned(
      "search=a", "search:query=b", "regression:query=c", "regression:candidate=", "regression:query=d")
    #expect(choice.tasks == [.search, .regression])
    #expect(choice[.search, .query] == .folder("b") && choice[.search, .candidate] == .folder("a"))
    #expect(choice[.regression, .query] == .folder("d") && choice[.regression, .candidate] == .base)
  }

  @Test(arguments: [("query", "candidate"), ("candidate", "query")])
  func aTaskWithOneRoleAloneIsRefused(given: String, missing: String) throws {
    let error = try #require(throws: ModelError.self) { try Self.assigned("search=a", "topics:\(given)=b") }
    #expect(error.file == "model")
    #expect(error.reason.contains("topics has no expert for \(missing)"))
    #expect(error.reason.contains("--expert topics:\(missing)=PATH"))
  }
}
