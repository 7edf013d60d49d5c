import Testing
import Transformer

@testable import Service

/// The numbers under which requests of tasks are counted.
@Suite struct TaskTopicsTests {
  private static func tasks(_ names: String...) throws -> [EncodingTask] {
    try names.map { try #require(EncodingTask(name: $0)) }
  }

  @Test func theContractsTasksKeepItsNumbers() throws {
    for tasks in [[], [.search], EncodingTask.standard, try Self.tasks("aims", "search")] {
      let topics = TaskTopics(tasks)
      for task in EncodingTask.standard {
        let code = Int(try #require(task.contractCode))
        #expect(topics.topic(of: task) == code)
        #expect(topics[code] == task)
      }
    }
  }

  @Test func otherTasksHaveHigherNumbers() throws {
    let tasks = try Self.tasks("aims", "classification", "regression", "topics of papers")
    let topics = TaskTopics(tasks)
    #expect(tasks.map(topics.topic) == [4, 1, 5, 6])
    #expect(
      (1...6).map { topics[$0]?.rawValue } == [
        "classification", "link_prediction", "search", "aims", "regression", "topics of papers",
      ])
  }

  @Test func unservedTasksHaveNoNumber() throws {
    let topics = TaskTopics(try Self.tasks("aims", "search"))
    for task in try Self.tasks("regression", "Search", "aim") { #expect(topics.topic(of: task) == 0) }
    for topic in [0, -1, 5, .max, .min] { #expect(topics[topic] == nil) }
  }
}
