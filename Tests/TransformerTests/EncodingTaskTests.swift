import Testing
import Transformer

/// The names of tasks and roles, as users write them.
@Suite struct EncodingTaskTests {
  @Test(
    arguments: [
      ("classification", .classification), ("link_prediction", .linkPrediction), ("link-prediction", .linkPrediction),
      ("search", .search),
    ] as [(String, EncodingTask)])
  func aTaskHasItsName(name: String, task: EncodingTask) {
    #expect(EncodingTask(name: name) == task)
  }

  @Test(arguments: ["", "Search", "link prediction", "linkPrediction", "rank"])
  func anotherNameIsNoTask(name: String) {
    #expect(EncodingTask(name: name) == nil)
  }
}
