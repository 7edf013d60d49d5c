import Checkpoint
import Service
import TestSupport
import Testing

/// Every unsupported model is refused with one line that contains the reason.
@Suite struct RefusedTests {
  @Test func allRefusedFoldersExist() {
    #expect(Fixtures.refused.count >= 40)
  }

  @Test(arguments: Fixtures.refused)
  func isRefusedInOneLineWithTheReason(name: String) throws {
    let folder = Fixtures.golden + "/refused/" + name
    let error = try #require(throws: ModelError.self) { try ServedModel(path: folder) }
    let text = error.description
    #expect(!text.contains { $0.isNewline })
    #expect(text.hasPrefix(folder), "the line begins with the file or the folder at fault: \(text)")
    for line in try Fixtures.lines(of: folder + "/expected.txt") {
      #expect(text.contains(line), "\(text)")
    }
  }
}
