import NIOCore
import TestSupport

/// A reader of bytes that others wrote, and what it promises whatever the bytes are.
struct FuzzTarget: Sendable, CustomStringConvertible {
  /// The name of its folders in `corpus` and `regressions`.
  let name: String
  /// Feeds the reader once.
  /// - Throws: ``BrokenPromise``; a trap or a report of a sanitizer is the other way to fail.
  let run: @Sendable ([UInt8]) throws -> Void

  var description: String { name }

  static let all: [FuzzTarget] = [
    .csv, .http2Session, .inflate, .json, .jsonLines, .legacyTorch, .messageFraming, .percentEncoding, .pickle,
    .safetensors, .timeout, .tokenizerFile, .wireScan, .wordPiece, .zip,
  ]
}

/// What a reader should never do, and did.
struct BrokenPromise: Error, CustomStringConvertible {
  let description: String
}

/// - Throws: ``BrokenPromise`` where the condition does not hold.
func promise(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws {
  if !condition { throw BrokenPromise(description: otherwise()) }
}

/// The bytes in pieces, cut at places that depend on nothing but the bytes, so that an input stands for one course of
/// events.
func pieces(of bytes: [UInt8], atMost count: Int = 8) -> [ArraySlice<UInt8>] {
  var generator = SeededGenerator(seed: bytes.reduce(0) { ($0 &+ UInt64($1)) &* 0x0000_0100_0000_01b3 })
  let cuts = (1..<count).map { _ in Int.random(in: 0...bytes.count, using: &generator) }.sorted()
  return zip([0] + cuts, cuts + [bytes.count]).map { bytes[$0..<$1] }
}
