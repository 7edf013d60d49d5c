import CKernels
import Testing

@testable import Tensor

/// The peak that benchmarks use is within the limits of the CPU's instructions per cycle.
@Suite(.serialized) struct ProductPeakTests {
  /// MACs per cycle: the products of one instruction, times the instructions per cycle of the best CPU with the set.
  private static let int8Bounds: [InstructionSet: Double] = [
    // Two multiplications of 16 bytes; the compiler may find better ones.
    .scalar: 32,
    // Two multiplications of 32 bytes, and 64 products take three.
    .avx2: 128 / 3,
    .avxvnni: 64, .avx512vnni: 128, .amx: 1024, .neon: 64, .neondot: 64, .i8mm: 128,
  ]

  /// Vectors of floats, and two or four instructions per cycle.
  private static let fp32Bounds: [InstructionSet: Double] = [
    .scalar: 8, .avx2: 16, .avxvnni: 16, .avx512vnni: 32, .amx: 32, .neon: 16, .neondot: 16, .i8mm: 16,
  ]

  private static let bf16Bounds: [InstructionSet: Double] = [.avx512vnni: 64, .amx: 512]

  /// The clock and the products are measured separately, on a machine that runs other programs.
  private static let tolerance = 1.25

  @Test(arguments: InstructionSet.available)
  func int8PeakIsWithinItsBounds(set: InstructionSet) throws {
    let exercise = try #require(set.int8Kernels).exercise!
    try expect(ProductPeak.measure(exercise), within: Self.int8Bounds[set], of: set)
  }

  @Test(arguments: InstructionSet.available)
  func fp32PeakIsWithinItsBounds(set: InstructionSet) throws {
    let exercise = try #require(set.kernels).exercise!
    try expect(ProductPeak.measure(exercise), within: Self.fp32Bounds[set], of: set)
  }

  @Test(arguments: InstructionSet.available)
  func bf16PeakIsWithinItsBounds(set: InstructionSet) throws {
    guard let exercise = scimult_bf16_kernels_for(set.code)?.pointee.exercise else { return }
    try expect(ProductPeak.measure(exercise), within: Self.bf16Bounds[set], of: set)
  }

  private func expect(_ peak: ProductPeak, within bound: Double?, of set: InstructionSet) throws {
    let bound = try #require(bound)
    #expect(peak.macsPerCycle <= bound * Self.tolerance, "\(set)")
    #expect(peak.macsPerCycle >= bound / 8, "\(set)")
    #expect(peak.macsPerS > 1e8, "\(set)")
  }
}
