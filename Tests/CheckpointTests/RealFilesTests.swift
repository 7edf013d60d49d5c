import Foundation
import Testing

@testable import Checkpoint

/// Files written by PyTorch, OmegaConf and safetensors, compared with their contents in Python.
@Suite struct RealFilesTests {
  static let expected: [String: ExpectedFile] = {
    let url = URL(filePath: Fixture.checkpoint("expected.json"))
    guard let data = try? Data(contentsOf: url),
      let files = try? JSONDecoder().decode([String: ExpectedFile].self, from: data)
    else { preconditionFailure("\(url.path) cannot be read") }
    return files
  }()

  @Test(arguments: expected.keys.sorted())
  func contentsEqualThoseInPython(_ name: String) throws {
    let expected = try #require(Self.expected[name])
    let file = try WeightsFile(path: Fixture.checkpoint(name))
    #expect(file.format.rawValue == expected.format)
    #expect(file.tensors.keys.sorted() == expected.tensors.keys.sorted())
    for (key, tensor) in expected.tensors {
      #expect(file.tensors[key]?.shape == tensor.shape)
      #expect(file.tensors[key]?.elementType.rawValue == tensor.elementType)
      if let values = tensor.values {
        #expect(try file.readFloats(key).map(\.bitPattern) == values.map { Float($0).bitPattern }, "\(key)")
      } else {
        #expect(throws: ModelError.self) { try file.readFloats(key) }
      }
    }
    #expect(file.encoderParameters == expected.encoderParameters?.mapValues(\.value))
  }

  @Test func opensTheTinyExpert() throws {
    let file = try WeightsFile(path: Fixture.tinyExpert)
    #expect(file.format == .scimult)
    #expect(file.tensors.count == 208)
    #expect(file.encoderParameters?["moe_type"] == .string("mod2:attn"))
    let name = "question_model.encoder.embeddings.word_embeddings.weight"
    #expect(file.tensors[name] == StoredTensor(name: name, shape: [30522, 64], elementType: .float32))
    for (name, tensor) in file.tensors where tensor.elementType.isFloatingPoint {
      #expect(try file.readFloats(name).count == tensor.elementCount)
    }
  }

  /// The same tensors were saved in both formats.
  @Test(arguments: expected.keys.filter { $0.hasPrefix("legacy_") }.sorted())
  func theLegacyFormatHoldsTheSameBits(_ name: String) throws {
    let legacy = try WeightsFile(path: Fixture.checkpoint(name))
    let zip = try WeightsFile(path: Fixture.checkpoint(String(name.dropFirst("legacy_".count))))
    #expect(legacy.tensors == zip.tensors)
    #expect(legacy.format == zip.format)
    #expect(legacy.encoderParameters == zip.encoderParameters)
    for (key, tensor) in zip.tensors where tensor.elementType.isFloatingPoint {
      #expect(try legacy.readFloats(key).map(\.bitPattern) == zip.readFloats(key).map(\.bitPattern), "\(key)")
    }
  }
}

struct ExpectedFile: Decodable, Sendable {
  struct Tensor: Decodable, Sendable {
    let shape: [Int]
    let elementType: String
    let values: [Double]?
  }

  let format: String
  let tensors: [String: Tensor]
  let encoderParameters: [String: PlainJSON]?
}

/// A JSON value, converted to a checkpoint's plain value.
struct PlainJSON: Decodable, Sendable {
  let value: CheckpointValue

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      value = .none
    } else if let bool = try? container.decode(Bool.self) {
      value = .bool(bool)
    } else if let int = try? container.decode(Int.self) {
      value = .int(int)
    } else if let double = try? container.decode(Double.self) {
      value = .double(double)
    } else if let string = try? container.decode(String.self) {
      value = .string(string)
    } else if let list = try? container.decode([PlainJSON].self) {
      value = .list(list.map(\.value))
    } else {
      value = .dictionary(try container.decode([String: PlainJSON].self).mapValues(\.value))
    }
  }
}
