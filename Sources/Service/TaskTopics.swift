import Transformer

/// Numbers a model's tasks for counting requests: the contract's numbers first, then tasks without a number.
public struct TaskTopics: Sendable {
  private let tasks: [Int: EncodingTask]
  private let topics: [EncodingTask: Int]

  /// - Parameter tasks: the tasks that the model serves.
  public init(_ tasks: [EncodingTask]) {
    let others = tasks.filter { $0.contractCode == nil }
    let numbered =
      EncodingTask.standard.compactMap { task in task.contractCode.map { (Int($0), task) } }
      + others.enumerated().map { (EncodingTask.standard.count + 1 + $0, $1) }
    self.tasks = Dictionary(uniqueKeysWithValues: numbered)
    topics = Dictionary(uniqueKeysWithValues: numbered.map { ($1, $0) })
  }

  /// 0 for a task that the model does not serve.
  func topic(of task: EncodingTask) -> Int { topics[task] ?? 0 }

  /// The task of a topic; nil if there is none.
  public subscript(topic: Int) -> EncodingTask? { tasks[topic] }
}
