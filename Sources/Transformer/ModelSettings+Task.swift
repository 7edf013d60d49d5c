import Checkpoint

extension ModelSettings {
  /// A key that is a task's name.
  func task(_ key: String) throws(ModelError) -> EncodingTask {
    guard let task = EncodingTask(name: key) else {
      throw refusal(key, "is no task's name: it must be \(EncodingTask.nameRule)")
    }
    return task
  }
}
