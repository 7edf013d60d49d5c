import Testing

@testable import Transformer

/// The names of tasks and roles, as users write them.
@Suite struct EncodingTaskTests {
  @Test(
    arguments: [
      ("classification", .classification), ("link_prediction", .linkPrediction), ("link-prediction", .linkPrediction),
      ("search", .search), ("regression", .regression),
      ("topics of papers", EncodingTask(rawValue: "topics of papers")!),
    ] as [(String, EncodingTask)])
  func aTaskHasItsName(name: String, task: EncodingTask) {
    #expect(EncodingTask(name: name) == task)
  }

  @Test(arguments: ["Search", "link prediction", "ad-hoc", "müde"])
  func anotherNameIsAnotherTask(name: String) {
    #expect(EncodingTask(name: name)?.rawValue == name)
    #expect(EncodingTask(name: name).map(EncodingTask.standard.contains) == false)
  }

  @Test(arguments: [
    "", "a\nb", "a\0b", "a\u{7f}", String(repeating: "x", count: 65), String(repeating: "ü", count: 33),
  ])
  func whatIsNoNameIsNoTask(name: String) {
    #expect(EncodingTask(name: name) == nil)
  }
}
