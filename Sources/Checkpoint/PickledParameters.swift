/// Converts a pickled `encoder_params` to plain values: a dict or an OmegaConf object, flat or under `encoder`.
struct PickledParameters {
  /// Maximum number of values; shared values and an object's extra values count each time. Without this limit, a few
  /// shared containers could stand for billions of values.
  static let valueCountMax = 100_000

  private let graph: PickleGraph
  private let site: ErrorSite
  private var valueCount = 0

  /// The encoder's own parameters. The public trainer nests them under `encoder`, next to `do_lower_case`.
  static func read(
    _ value: PickleValue, graph: PickleGraph, site: ErrorSite
  ) throws(ModelError) -> [String: CheckpointValue] {
    var reader = PickledParameters(graph: graph, site: site)
    guard case .dictionary(let parameters) = try reader.plain(value, path: [], depth: 1) else {
      throw site.error("is not a dict")
    }
    if case .dictionary(let encoder)? = parameters["encoder"] { return encoder }
    return parameters
  }

  private init(graph: PickleGraph, site: ErrorSite) {
    self.graph = graph
    self.site = site
  }

  private mutating func plain(_ value: PickleValue, path: [String], depth: Int) throws(ModelError) -> CheckpointValue {
    valueCount += 1
    guard valueCount <= Self.valueCountMax else { throw site.error("holds more than \(Self.valueCountMax) values") }
    guard depth <= PickleReader.depthMax else {
      throw site.error("nests deeper than \(PickleReader.depthMax) levels")
    }
    switch value {
    case .none: return .none
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .double(let value): return .double(value)
    case .string(let value): return .string(value)
    case .tuple(let index): return .list(try list(graph.tuples[index].items, path: path, depth: depth))
    case .list(let index): return .list(try list(graph.lists[index].items, path: path, depth: depth))
    case .dictionary(let index):
      var dictionary: [String: CheckpointValue] = [:]
      for (key, item) in try graph.namedItems(of: index, site: place(path)) {
        dictionary[key] = try plain(item, path: path + [key], depth: depth + 1)
      }
      return .dictionary(dictionary)
    case .record(let index): return try content(of: graph.records[index], path: path, depth: depth)
    case .global, .storage, .tensor: throw place(path).error("is \(value.kind), not a plain value")
    }
  }

  private mutating func list(
    _ items: [PickleValue], path: [String], depth: Int
  ) throws(ModelError) -> [CheckpointValue] {
    var list: [CheckpointValue] = []
    for (index, item) in items.enumerated() {
      list.append(try plain(item, path: path + [String(index)], depth: depth + 1))
    }
    return list
  }

  /// The value inside an OmegaConf object: a container's content or a node's value.
  private mutating func content(
    of record: PickledRecord, path: [String], depth: Int
  ) throws(ModelError) -> CheckpointValue {
    if case .dictionary(let index) = record.state { valueCount += graph.dictionaries[index].items.count }
    guard let key = record.type.valueKey, case .dictionary(let index) = record.state,
      let value = try graph.namedItems(of: index, site: place(path))[key]
    else {
      throw place(path).error("is an \(record.type.rawValue) without a value")
    }
    return try plain(value, path: path, depth: depth + 1)
  }

  private func place(_ path: [String]) -> ErrorSite {
    path.isEmpty ? site : site.at(([site.entry ?? ""] + path).joined(separator: "."))
  }
}
