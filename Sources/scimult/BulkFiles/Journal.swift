import DocumentFiles
import SystemPackage

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How far `scimult encode --resume` has come: a small file beside the output. What it tells of is on the disk before
/// it is, so whatever ends the process, the next one finds both and goes on from there: no row is lost, and none
/// doubled. It stays when the output is complete, and tells what that was made of.
struct Journal: Codable {
  /// What is done, which must be the same for its parts to fit together.
  struct Job: Codable, Equatable {
    let task: String
    let role: String
    let precision: String
    /// How the input is read.
    let form: String
    /// Embeddings of fixed texts: they tell models apart, wherever they lie.
    let probe: [Float]

    /// What is another than it was; nil where nothing is.
    func difference(from earlier: Job) -> String? {
      if task != earlier.task { return "the task is \(task), and was \(earlier.task)" }
      if role != earlier.role { return "the role is \(role), and was \(earlier.role)" }
      if precision != earlier.precision { return "the precision is \(precision), and was \(earlier.precision)" }
      if form != earlier.form { return "the input is read as \(form), and was as \(earlier.form)" }
      return isSameModel(as: earlier) ? nil : "the model is another"
    }

    /// Another machine, or another batch, rounds a little differently.
    private func isSameModel(as earlier: Job) -> Bool {
      guard probe.count == earlier.probe.count else { return false }
      let largest = probe.reduce(0) { max($0, $1.magnitude) }
      return zip(probe, earlier.probe).allSatisfy { ($0 - $1).magnitude <= 0.01 * largest }
    }
  }

  let job: Job
  var progress = BulkEncoder.Progress()
  /// Of the part of the input that must stay as it was.
  var input = FileDigest()
  var rows = 0
  /// Of the output, up to there.
  var outputBytes = 0
  /// Of the whole output, where it is complete.
  var output: FileDigest?

  init(job: Job) {
    self.job = job
  }

  static func path(ofOutput output: String) -> String { OutputFile.resolvingLinks(output) + ".progress" }

  /// nil where there is none.
  /// - Throws: ``Failure`` where it cannot be read.
  static func read(ofOutput output: String) throws -> Journal? {
    let path = path(ofOutput: output)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      return try JSONDecoder().decode(Journal.self, from: Data(contentsOf: URL(filePath: path)))
    } catch {
      throw Failure("\(path): cannot be read: remove it, and what ends in .partial beside it, to begin anew")
    }
  }

  func write(ofOutput output: String) throws {
    // Under one name in every run: where one is killed here, the next overwrites what it leaves, or removes it.
    let file = try OutputFile(path: Self.path(ofOutput: output), keeping: 0)
    try file.write(JSONEncoder().encode(self))
    try file.sync()
    try file.finish()
  }

  /// Removes what tells of an output that was complete before it was replaced or removed.
  static func forgetComplete(output: String) {
    guard output != "-", (try? read(ofOutput: output))?.output != nil else { return }
    try? FileManager.default.removeItem(atPath: path(ofOutput: output))
  }
}
