import Checkpoint
import Transformer

/// A model ready to be served: how it reads, and its encoder.
public struct ServedModel: Sendable {
  /// What responses call the model.
  public let name: String
  public let reader: DocumentReader
  public let encoder: EncoderModel

  /// Reads a model folder with all checks.
  /// - Parameter name: the folder's own name by default.
  /// - Throws: ``ModelError``: one line with the file, the entry and the reason why the model cannot be served.
  public init(folder path: String, name: String? = nil) throws(ModelError) {
    reader = try DocumentReader(folder: path)
    encoder = try EncoderModel(reader.blueprint)
    self.name = name ?? reader.blueprint.folder.name
  }

  public var blueprint: ModelBlueprint { reader.blueprint }

  /// Why the model cannot embed for a task; nil where it can.
  public func refusal(of task: EncodingTask) -> String? {
    let known = blueprint.tasks
    guard !known.contains(task) else { return nil }
    let names = known.map(\.rawValue).joined(separator: ", ")
    return "the model \(name) does not serve the task \(task.rawValue); it serves \(names)"
  }
}
