import NIOCore
import TestSupport

/// A reader of untrusted bytes, with the properties that hold for every input.
struct FuzzTarget: Sendable, CustomStringConvertible {
  /// The name of the target's folders in `corpus` and `regressions`.
  let name: String
  /// Runs the reader once on the input.
  /// - Throws: ``BrokenPromise``. A target also fails by a trap or a sanitizer report.
  let run: @Sendable ([UInt8]) throws -> Void

  var description: String { name }

  static let all: [FuzzTarget] = [
    .csv, .http2Session, .inflate, .json, .jsonLines, .legacyTorch, .messageFraming, .percentEncoding, .pickle,
    .safetensors, .timeout, .tokenizerFile, .wireScan, .wordPiece, .zip,
  ]
}

/// A violated property of a reader.
struct BrokenPromise: Error, CustomStringConvertible {
  let description: String
}

/// - Throws: ``BrokenPromise`` if the condition is false.
func promise(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws {
  if !condition { throw BrokenPromise(description: otherwise()) }
}

/// Cuts the bytes into pieces. The positions of the cuts depend only on the bytes, so that an input always reproduces
/// the same sequence of events.
func pieces(of bytes: [UInt8], atMost count: Int = 8) -> [ArraySlice<UInt8>] {
  var generator = SeededGenerator(seed: bytes.reduce(0) { ($0 &+ UInt64($1)) &* 0x0000_0100_0000_01b3 })
  let cuts = (1..<count).map { _ in Int.random(in: 0...bytes.count, using: &generator) }.sorted()
  return zip([0] + cuts, cuts + [bytes.count]).map { bytes[$0..<$1] }
}
