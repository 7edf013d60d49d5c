import Testing

@testable import Tensor

/// The selection of a set of kernels.
@Suite struct InstructionSetTests {
  @Test func theBestSetIsTheDefault() throws {
    #expect(try InstructionSet.choose(environment: nil).get() == InstructionSet.available.last)
    #expect(try InstructionSet.choose(environment: "").get() == InstructionSet.available.last)
  }

  @Test(arguments: InstructionSet.available)
  func anySetOfTheCPUMayBeSelected(set: InstructionSet) throws {
    #expect(try InstructionSet.choose(environment: set.rawValue).get() == set)
  }

  @Test(arguments: ["AVX2", "sse", "avx2 ", "none"])
  func anUnknownNameIsRefusedWithTheKnownOnes(name: String) {
    #expect {
      try InstructionSet.choose(environment: name).get()
    } throws: { error in
      let text = String(describing: error)
      return text.contains(name) && text.contains("scalar")
    }
  }

  @Test func theSpecificationIsAlwaysThere() {
    #expect(InstructionSet.available.first == .scalar)
  }
}
