/// Maps each tensor to its file, for sharded weights: `model.safetensors.index.json` and
/// `pytorch_model.bin.index.json`.
struct ShardIndex {
  static let shardCountMax = 256

  /// The path of the index itself.
  let path: String
  /// The shard of each tensor, as a path inside the folder.
  let shardOfTensor: [String: String]
  /// The shards, sorted by name.
  let shards: [String]

  init(file: String, in folder: ModelFolder) throws(ModelError) {
    guard let settings = try folder.json(file), let map = try settings.object("weight_map") else {
      throw ModelError(file: folder.path(of: file), entry: "weight_map", reason: "is missing: it names the shards")
    }
    var shardOfTensor: [String: String] = [:]
    for member in map.object.members {
      let name = member.name
      guard let shard = member.value.string else {
        throw map.refusal(name, "is \(member.value.kind), not a file's name")
      }
      guard ModelFolder.isInside(shard), !shard.hasSuffix("/"), !ModelFolder.normalized(shard).isEmpty else {
        throw map.refusal(name, "\"\(shard)\" is not a path inside the model's folder")
      }
      guard shardOfTensor.updateValue(ModelFolder.normalized(shard), forKey: name) == nil else {
        throw map.refusal(name, "is there twice")
      }
    }
    shards = Set(shardOfTensor.values).sorted()
    guard !shards.isEmpty else { throw settings.refusal("weight_map", "names no tensors") }
    guard shards.count <= Self.shardCountMax else {
      throw settings.refusal("weight_map", "names \(shards.count) files, at most \(Self.shardCountMax) are read")
    }
    self.shardOfTensor = shardOfTensor
    path = folder.path(of: file)
  }

  /// Opens all shards.
  /// - Throws: ``ModelError`` for a shard that is missing, or that lacks a tensor which the index assigns to it.
  func open(in folder: ModelFolder) throws(ModelError) -> [WeightsPart] {
    var parts: [WeightsPart] = []
    for shard in shards {
      guard folder.contains(shard) else {
        throw ModelError(
          file: folder.path(of: shard), reason: "is missing, a shard that \(path) names: download the model again")
      }
      let part = try WeightsPart(path: folder.path(of: shard))
      guard part.format != .scimult else {
        throw ModelError(file: part.path, reason: "is a SciMult checkpoint, and \(path) names it as a shard")
      }
      parts.append(part)
    }
    let sources = Dictionary(uniqueKeysWithValues: zip(shards, parts.map(\.sources)))
    for (tensor, shard) in shardOfTensor.sorted(by: { $0.key < $1.key }) where sources[shard]?[tensor] == nil {
      throw ModelError(
        file: folder.path(of: shard), entry: tensor, reason: "the tensor is missing, and \(path) says that it is here")
    }
    return parts
  }
}
