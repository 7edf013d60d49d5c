import DocumentFiles
import SystemPackage

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The progress of `scimult encode --resume`: a small file next to the output. The output is written to disk before the
/// journal that describes it. Whatever ends the process, the next run therefore finds both and continues: no row is
/// lost or doubled. The journal stays when the output is complete, and records what the output was made from.
struct Journal: Codable {
  /// The parameters of the work, which must be the same in all runs for their parts to fit together.
  struct Job: Codable, Equatable {
    let task: String
    let role: String
    let precision: String
    /// How the input is read.
    let form: String
    /// Embeddings of fixed texts: they distinguish models, wherever these are stored.
    let probe: [Float]

    /// The first difference from an earlier job; nil if there is none.
    func difference(from earlier: Job) -> String? {
      if task != earlier.task { return "the task is \(task), and was \(earlier.task)" }
      if role != earlier.role { return "the role is \(role), and was \(earlier.role)" }
      if precision != earlier.precision { return "the precision is \(precision), and was \(earlier.precision)" }
      if form != earlier.form { return "the input is read as \(form), and was as \(earlier.form)" }
      return isSameModel(as: earlier) ? nil : "the model is another"
    }

    /// Compares with a tolerance: another machine, or another batch, rounds slightly differently.
    private func isSameModel(as earlier: Job) -> Bool {
      guard probe.count == earlier.probe.count else { return false }
      let largest = probe.reduce(0) { max($0, $1.magnitude) }
      return zip(probe, earlier.probe).allSatisfy { ($0 - $1).magnitude <= 0.01 * largest }
    }
  }

  let job: Job
  var progress = BulkEncoder.Progress()
  /// The digest of the part of the input that must not change.
  var input = FileDigest()
  var rows = 0
  /// The number of bytes of the output up to there.
  var outputBytes = 0
  /// The digest of the whole output; nil until it is complete.
  var output: FileDigest?

  init(job: Job) {
    self.job = job
  }

  static func path(ofOutput output: String) -> String { OutputFile.resolvingLinks(output) + ".progress" }

  /// nil if there is none.
  /// - Throws: ``Failure`` if it cannot be read.
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
    // The name is the same in every run: if a run is killed here, the next one overwrites or removes its file.
    let file = try OutputFile(path: Self.path(ofOutput: output), keeping: 0)
    try file.write(JSONEncoder().encode(self))
    try file.sync()
    try file.finish()
  }

  /// Removes the journal of a complete output that was replaced or removed since.
  static func forgetComplete(output: String) {
    guard output != "-", (try? read(ofOutput: output))?.output != nil else { return }
    try? FileManager.default.removeItem(atPath: path(ofOutput: output))
  }
}
