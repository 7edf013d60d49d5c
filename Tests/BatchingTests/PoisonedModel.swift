import Checkpoint
import Foundation
import TestSupport
import Testing
import Transformer

/// A model with finite weights in which one token in one position overflows.
struct PoisonedModel {
  static let token: Int32 = 20
  static let position = 3

  let encoder: EncoderModel
  private let folder: TemporaryFolder

  init() throws {
    let source = Fixtures.golden + "/variants/bert-safetensors"
    folder = try TemporaryFolder()
    try folder.copy(["config.json", "vocab.txt", "tokenizer_config.json"], from: source)
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: source + "/model.safetensors")))
    let rows = [("word", Int(Self.token)), ("position", Self.position)]
    for (table, row) in rows {
      try Self.overwrite(row: row, of: "embeddings.\(table)_embeddings.weight", in: &bytes)
    }
    try folder.write("model.safetensors", bytes: bytes)
    encoder = try EncoderModel(ModelBlueprint(folder: ModelFolder(path: folder.path)), precision: .fp32)
  }

  /// Fills a row of a bf16 table with 1.5 · 2¹²⁷. Twice this value is not finite.
  private static func overwrite(row: Int, of name: String, in bytes: inout [UInt8]) throws {
    struct Entry: Decodable {
      let dtype: String
      let shape: [Int]
      let dataOffsets: [Int]

      enum CodingKeys: String, CodingKey {
        case dtype, shape
        case dataOffsets = "data_offsets"
      }
    }
    let headerBytes = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    let header = try #require(
      JSONSerialization.jsonObject(with: Data(bytes[8..<8 + headerBytes])) as? [String: Any])
    let entry = try JSONDecoder().decode(
      Entry.self, from: JSONSerialization.data(withJSONObject: try #require(header[name])))
    try #require(entry.dtype == "BF16")
    let rowBytes = 2 * entry.shape[1]
    let start = 8 + headerBytes + entry.dataOffsets[0] + rowBytes * row
    for index in 0..<rowBytes { bytes[start + index] = index.isMultiple(of: 2) ? 0x40 : 0x7f }
  }
}
