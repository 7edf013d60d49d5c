import Testing

@testable import scimult

/// The default number of threads.
@Suite struct AvailableCoresTests {
  @Test(
    arguments: [
      (8, nil, 8), (8, 2, 2), (8, 1.5, 2), (8, 1.000_01, 2), (8, 0.1, 1), (2, 6, 2), (2, 1e300, 2), (1, 0.5, 1),
      (0, nil, 1),
    ] as [(Int, Double?, Int)])
  func theLessOfAffinityAndQuotaRoundedUp(allowed: Int, quota: Double?, threads: Int) {
    #expect(AvailableCores.count(allowed: allowed, quota: quota) == threads)
  }

  @Test func thereIsAtLeastOneCore() {
    #expect(AvailableCores.count >= 1)
  }
}
