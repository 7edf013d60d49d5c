import Foundation
import Testing

/// Inputs that once failed in fuzzing now pass, and the seeds are read as expected.
@Suite struct RegressionTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  @Test(arguments: FuzzTarget.all, ["corpus", "regressions"])
  func promisesAreKept(target: FuzzTarget, kind: String) throws {
    for input in try Self.inputs(of: kind, target) {
      let bytes = try Data(contentsOf: input)
      #expect(throws: Never.self, "\(input.path)") { try target.run(Array(bytes)) }
    }
  }

  @Test(arguments: FuzzTarget.all)
  func everyTargetHasSeeds(target: FuzzTarget) throws {
    #expect(try !Self.inputs(of: "corpus", target).isEmpty)
  }

  @Test(arguments: ["corpus", "regressions"])
  func everyFolderIsATargets(kind: String) throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.folder.appending(path: kind).path)
    #expect(Set(folders).isSubset(of: FuzzTarget.all.map(\.name)), "\(kind)")
  }

  private static func inputs(of kind: String, _ target: FuzzTarget) throws -> [URL] {
    let folder = folder.appending(path: kind).appending(path: target.name)
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
  }
}
