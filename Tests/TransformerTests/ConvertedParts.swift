import Checkpoint
import Foundation
import TestSupport

@testable import Transformer

/// The entries of a converted file, which tests can damage and rewrite with correct checksums.
struct ConvertedParts {
  var entries: [String: [UInt8]]

  /// Converts a model folder.
  init(folder: String, precision: EncoderPrecision = .int8) throws {
    let temporary = try TemporaryFolder()
    let path = temporary.file("model.scimult")
    let model = try EncoderModel(ModelBlueprint(folder: ModelFolder(path: folder)), precision: precision)
    var bytes: [UInt8] = []
    try ConvertedModel.write(model, tokenizerFiles: [("vocab.txt", Array("[UNK]\n".utf8))]) {
      bytes.append(contentsOf: $0)
    }
    try temporary.write("model.scimult", bytes: bytes)
    let file = try ConvertedFile(path: path)
    let parts = model.encoders.enumerated().flatMap { place, encoder in
      encoder.parts.map { EncoderPartName.encoder(place) + $0.name }
    }
    entries = withExtendedLifetime(file) {
      Dictionary(
        uniqueKeysWithValues: (["model.json", "vocab.txt"] + parts).map { name in
          (name, file.bytes(of: name).map { Array($0) } ?? [])
        })
    }
  }

  /// Replaces a value of model.json, at a path of keys joined by dots, with a JSON text.
  mutating func set(_ path: String, to json: String) throws {
    let value = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
    let object = try JSONSerialization.jsonObject(with: Data(entries["model.json"] ?? []))
    let changed = Self.setting(path.split(separator: ".").map(String.init)[...], in: object, to: value)
    entries["model.json"] = Array(try JSONSerialization.data(withJSONObject: changed))
  }

  /// A value of model.json, at a path of keys joined by dots; nil if there is none.
  func value(_ path: String) throws -> Any? {
    let object = try JSONSerialization.jsonObject(with: Data(entries["model.json"] ?? []))
    return path.split(separator: ".").reduce(object as Any?) { value, key in
      if let array = value as? [Any] { return Int(key).map { array[$0] } }
      return (value as? [String: Any])?[String(key)]
    }
  }

  /// Loads the model, and embeds a few tokens with it if it can be loaded.
  @discardableResult
  func load() throws -> EncoderModel {
    let temporary = try TemporaryFolder()
    var bytes: [UInt8] = []
    var writer = try ConvertedFileWriter { bytes.append(contentsOf: $0) }
    for (name, content) in entries { try content.withUnsafeBytes { try writer.add(name, $0) } }
    try writer.finish()
    let path = try temporary.write("model.scimult", bytes: bytes)
    let model = try EncoderModel(ModelBlueprint(converted: ConvertedFile(path: path)))
    let inputs = model.blueprint.tasks.flatMap { task in
      EncodingRole.allCases.map { EncoderInput(tokens: [2, 5, 6, 3], task: task, role: $0) }
    }
    _ = model.encode(inputs, scratch: Scratch())
    return model
  }

  private static func setting(_ path: ArraySlice<String>, in object: Any, to value: Any) -> Any {
    guard let key = path.first else { return value }
    if var array = object as? [Any], let index = Int(key) {
      array[index] = setting(path.dropFirst(), in: array[index], to: value)
      return array
    }
    var dictionary = object as? [String: Any] ?? [:]
    dictionary[key] = setting(path.dropFirst(), in: dictionary[key] ?? [:], to: value)
    return dictionary
  }
}
