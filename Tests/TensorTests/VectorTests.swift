import TestSupport
import Testing

@testable import Tensor

/// Operations on one embedding.
@Suite struct VectorTests {
  @Test(arguments: 0...70)
  func theDotProductIsExact(count: Int) {
    var generator = SeededGenerator(seed: UInt64(61 + count))
    let (a, b) = (generator.floats(count), generator.floats(count))
    let expected = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(Double(Vector.dot(a, b)) - expected) < 1e-5)
    #expect(Vector.dot(a, b) == Vector.dot(b, a))
  }

  @Test(arguments: [1, 2, 7, 64, 384, 768])
  func aNormalizedVectorHasLengthOne(count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    for scale in [1e-15, 1, 1e15] as [Float] {
      let vector = generator.floats(count).map { $0 * scale }
      let normalized = Vector.normalized(vector)
      let length = normalized.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(abs(length - 1) < 1e-6)
      #expect(zip(vector, normalized).allSatisfy { ($0 < 0) == ($1 < 0) })
    }
  }

  @Test func extremeVectorsAreNormalized() {
    #expect(Vector.normalized([3e38, 0, 0]) == [1, 0, 0])
    #expect(Vector.normalized([0, -.leastNonzeroMagnitude]) == [0, -1])
  }

  @Test func aVectorOfZerosStaysAsItIs() {
    #expect(Vector.normalized([0, 0, 0]) == [0, 0, 0])
    #expect(Vector.normalized([]).isEmpty)
  }

  @Test func oneBadValueAnywhereIsFound() {
    for count in 1...70 {
      var vector = [Float](repeating: .greatestFiniteMagnitude, count: count)
      #expect(Vector.isFinite(vector))
      for bad in [Float.infinity, -.infinity, .nan, .signalingNaN] {
        let place = count * 31 % 17 % count
        vector[place] = bad
        #expect(!Vector.isFinite(vector))
        vector[place] = -.leastNonzeroMagnitude
        vector[count - 1] = bad
        #expect(!Vector.isFinite(vector))
        vector[count - 1] = 0
      }
      #expect(Vector.isFinite(vector))
    }
    #expect(Vector.isFinite([]))
  }
}
