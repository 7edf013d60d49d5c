import Checkpoint

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The sentences that an instruction model reads in front of a text, by task and role, from scimult.json.
public struct Instructions: Sendable, Equatable, Codable {
  private let sentences: [EncodingTask: [EncodingRole: String]]

  /// The tasks that have an instruction.
  public var tasks: [EncodingTask] { EncodingTask.allCases.filter { sentences[$0] != nil } }

  /// The sentence for a task and role; nil where the role of a task has none.
  public subscript(task: EncodingTask, role: EncodingRole) -> String? { sentences[task]?[role] }

  /// nil where the folder has no scimult.json, or it holds no instructions.
  init?(folder: ModelFolder) throws(ModelError) {
    let name = "scimult.json"
    let path = folder.path + "/" + name
    guard let data = try folder.data(of: name) else { return nil }
    let file: File
    do {
      file = try JSONDecoder().decode(File.self, from: Data(data))
    } catch {
      throw ModelError(
        file: path, reason: "expected {\"instructions\": {\"search\": {\"query\": \"…\", \"candidate\": \"…\"}, …}}")
    }
    guard let given = file.instructions else { return nil }
    var sentences: [EncodingTask: [EncodingRole: String]] = [:]
    for (taskName, roles) in given {
      guard let task = EncodingTask(name: taskName) else {
        let known = EncodingTask.allCases.map(\.rawValue).joined(separator: ", ")
        throw ModelError(file: path, entry: "instructions.\(taskName)", reason: "unknown task; known are \(known)")
      }
      for (roleName, sentence) in roles {
        guard let role = EncodingRole(rawValue: roleName) else {
          throw ModelError(
            file: path, entry: "instructions.\(taskName).\(roleName)",
            reason: "unknown role; known are query, candidate")
        }
        sentences[task, default: [:]][role] = sentence
      }
    }
    guard !sentences.isEmpty else { return nil }
    self.sentences = sentences
  }

  private struct File: Decodable {
    let instructions: [String: [String: String]]?
  }
}
