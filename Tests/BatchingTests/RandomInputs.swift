import Checkpoint
import TestSupport
import Transformer

/// The model for the runner's tests.
enum TinyExpert {
  static func load() throws -> EncoderModel {
    try EncoderModel(ModelBlueprint(folder: ModelFolder(path: Fixtures.tinyExpert)), precision: .fp32)
  }
}

extension SeededGenerator {
  /// Returns sequences of random tasks, roles and tokens.
  mutating func inputs(_ count: Int, longest: Int = 40) -> [EncoderInput] {
    (0..<count).map { _ in
      let length = Int.random(in: 2...longest, using: &self)
      return EncoderInput(
        tokens: (0..<length).map { _ in Int32.random(in: 0..<30_522, using: &self) },
        task: EncodingTask.standard.randomElement(using: &self) ?? .search,
        role: EncodingRole.allCases.randomElement(using: &self) ?? .query)
    }
  }
}

/// Whether all values of two lists of embeddings are equal except for rounding errors.
func areClose(_ a: [[Float]], _ b: [[Float]], within tolerance: Float = 1e-5) -> Bool {
  a.count == b.count
    && zip(a, b).allSatisfy { $0.count == $1.count && zip($0, $1).allSatisfy { abs($0 - $1) <= tolerance } }
}
