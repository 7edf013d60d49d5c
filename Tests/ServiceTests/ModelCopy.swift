import Checkpoint
import TestSupport
import Testing
import Transformer

@testable import Service

/// A copy of a golden model that tests can change.
struct ModelCopy {
  let folder: TemporaryFolder
  /// The name of the model in the folder.
  private let name: String

  init(_ variant: String, name: String = "model") throws {
    folder = try TemporaryFolder()
    self.name = name
    try folder.copy(allOf: Fixtures.golden + "/variants/" + variant, to: name)
  }

  var path: String { folder.file(name) }

  func write(_ file: String, _ text: String) throws { try folder.write("\(name)/\(file)", text) }

  func remove(_ file: String) throws { try folder.remove("\(name)/\(file)") }

  /// Replaces a text, which must occur.
  func replace(_ text: String, by other: String, in file: String) throws {
    try folder.replace(text, by: other, in: "\(name)/\(file)")
  }

  /// Exchanges two lines of a file, numbered from 0.
  func exchangeLines(_ a: Int, _ b: Int, of file: String) throws {
    var lines = try Fixtures.lines(of: path + "/" + file)
    lines.swapAt(a, b)
    try write(file, lines.joined(separator: "\n") + "\n")
  }

  /// Rewrites the tensors of a file in fp32. Integer tensors, which no model reads, are omitted.
  /// - Parameter other: the new file; by default the same file.
  func rewriteTensors(of file: String, to other: String? = nil, change: (inout [NamedTensor]) -> Void) throws {
    let weights = try WeightsFile(path: path + "/" + file)
    var tensors = try weights.tensors.sorted { $0.key < $1.key }
      .filter { $0.value.elementType.isFloatingPoint }
      .map { NamedTensor($0.key, $0.value.shape, try weights.readFloats($0.key)) }
    change(&tensors)
    try remove(file)
    try folder.write("\(name)/\(other ?? file)", bytes: tensors.safetensors)
  }

  /// Changes the last value of a tensor by the smallest amount.
  func nudge(_ name: String, of file: String = "model.safetensors") throws {
    try rewriteTensors(of: file) { tensors in
      guard let place = tensors.firstIndex(where: { $0.name == name }), let last = tensors[place].values.last else {
        Issue.record("there is no tensor \(name)")
        return
      }
      tensors[place].values[tensors[place].values.count - 1] = last.nextUp
    }
  }

  func model(_ precision: EncoderPrecision? = nil) throws -> ServedModel {
    try ServedModel(path: path, precision: precision)
  }

  func fingerprint(_ precision: EncoderPrecision? = nil) throws -> String { try model(precision).fingerprint }
}
