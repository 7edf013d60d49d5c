import Checkpoint
import TestSupport
import Testing

@testable import Transformer

/// The stages of a profile cover the pass: no work is left out, and none is counted twice.
@Suite struct ProfileTests {
  @Test(arguments: EncoderPrecision.allCases.filter(\.isAvailable))
  func stagesAddUpToThePass(precision: EncoderPrecision) throws {
    let model = try EncoderModel(
      ModelBlueprint(folder: ModelFolder(path: Fixtures.tinyExpert)), precision: precision)
    let inputs = (0..<8).map { index in
      let tokens = (0..<400).map { Int32(1_000 + index * 400 + $0) }
      return EncoderInput(tokens: tokens, task: .search, role: .query)
    }
    let scratch = Scratch()
    _ = model.encode(inputs, scratch: scratch)
    // The system may interrupt a pass between two stages, but not each time.
    let shares = (0..<10).map { _ in
      let profile = Profile()
      let time = ContinuousClock().measure { _ = model.encode(inputs, scratch: scratch, profile: profile) }
      #expect(profile.seconds.keys.contains(.attention) && profile.seconds.keys.contains(.linearGELU))
      return profile.seconds.values.reduce(0, +) / (time / .seconds(1))
    }
    #expect(shares.allSatisfy { $0 <= 1 })
    #expect(shares.contains { $0 >= 0.9 }, "\(shares)")
  }
}
