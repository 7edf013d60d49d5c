import Checkpoint
import Tensor

/// A bottleneck adapter's tensors, in their own file or among the encoder's.
struct BottleneckTensors: Sendable {
  let form: Bottleneck
  private let file: WeightsFile
  private let scaling: Float
  /// The names in the file, by the names that the library writes today, without the part before `encoder.layer`.
  private let names: [String: String]
  private let adapter: String
  private let family: EncoderFamily

  /// Parts of names in files of older versions of the library.
  private static let olderNames = [
    "attention_text_task_adapters", "attention_text_lang_adapters", "layer_text_task_adapters",
    "layer_text_lang_adapters",
  ]

  /// - Parameters:
  ///   - adapter: the adapter's name in the names of its tensors.
  ///   - prefix: the prefix of the names of the encoder's tensors.
  /// - Throws: `ModelError` for a tensor that is missing or has the wrong shape, or for a tensor of the adapter that
  ///   the form does not have.
  init(
    _ settings: BottleneckSettings, adapter: String, in file: WeightsFile, prefix: String, configuration: Configuration
  ) throws(ModelError) {
    self.file = file
    family = configuration.family
    self.adapter = adapter
    scaling = settings.scaling
    names = Self.names(of: adapter, in: file, prefix: prefix)
    var widths: [Bottleneck.Place: [Int]] = [:]
    for place in settings.places {
      widths[place] = []
      for layer in 0..<configuration.layers {
        guard !settings.leftOut.contains(layer) else {
          widths[place]?.append(0)
          continue
        }
        let name =
          Self.module(place, layer, configuration.family, adapter)
          + ".adapter_down.\(settings.normalizesInput ? 1 : 0).weight"
        guard let stored = names[name], let tensor = file.tensors[stored] else {
          throw ModelError(file: file.path, entry: prefix + name, reason: "the tensor is missing")
        }
        guard tensor.shape.count == 2, tensor.shape[1] == configuration.hiddenSize,
          (1...Bottleneck.widthMax).contains(tensor.shape[0])
        else {
          throw ModelError(
            file: file.path, entry: stored,
            reason:
              "has the shape \(tensor.shape); [1 to \(Bottleneck.widthMax), \(configuration.hiddenSize)] is expected"
          )
        }
        widths[place]?.append(tensor.shape[0])
      }
    }
    form = settings.form(widths: widths)
    try refuseOthers(layers: configuration.layers)
  }

  /// The names of adapters whose tensors a file contains.
  static func adapters(in file: WeightsFile) -> Set<String> {
    Set(
      file.tensors.keys.compactMap { key in
        let parts = modern(key).split(separator: ".")
        guard let place = parts.firstIndex(of: "adapters"), place + 1 < parts.count else { return nil }
        return String(parts[place + 1])
      })
  }

  /// All tensors of the adapter, by their names in the file.
  var tensorNames: [String] { names.values.sorted() }

  private static func modern(_ name: String) -> String {
    olderNames.reduce(name) { $0.replacing($1, with: "adapters") }
  }

  private static func names(of adapter: String, in file: WeightsFile, prefix: String) -> [String: String] {
    var names: [String: String] = [:]
    for key in file.tensors.keys where key.hasPrefix(prefix) {
      let name = modern(String(key.dropFirst(prefix.count)))
      if name.contains(".adapters.\(adapter).") { names[name] = key }
    }
    return names
  }

  private static func module(
    _ place: Bottleneck.Place, _ layer: Int, _ family: EncoderFamily, _ adapter: String
  ) -> String {
    let home =
      switch (family, place) {
      case (.bert, .attention): "encoder.layer.\(layer).attention.output"
      case (.bert, .output): "encoder.layer.\(layer).output"
      case (.distilBERT, .attention): "transformer.layer.\(layer).attention_adapters"
      case (.distilBERT, .output): "transformer.layer.\(layer).output_adapters"
      }
    return "\(home).adapters.\(adapter)"
  }

  private func refuseOthers(layers: Int) throws(ModelError) {
    var known: Set<String> = []
    for place in Bottleneck.Place.allCases {
      for layer in 0..<layers where form.width(place, layer: layer) != nil {
        let site = BottleneckSite(layer: layer, place: place, expert: 0)
        for piece in BottleneckPiece.allCases {
          for module in modules(of: piece, at: site) { known.formUnion([module + ".weight", module + ".bias"]) }
        }
      }
    }
    guard let other = names.keys.filter({ !known.contains($0) }).min(), let stored = names[other] else { return }
    throw ModelError(
      file: file.path(of: stored), entry: stored,
      reason: "a bottleneck adapter of the configuration that stands beside it has no such tensor")
  }

  /// The library's names of a piece; exactly one of two names is in the file.
  private func modules(of piece: BottleneckPiece, at site: BottleneckSite) -> [String] {
    let module = Self.module(site.place, site.layer, family, adapter)
    return switch piece {
    case .down: ["\(module).adapter_down.\(form.normalizesInput ? 1 : 0)"]
    case .up: ["\(module).adapter_up"]
    case .normBefore: form.normalizesInput ? ["\(module).adapter_norm_before", "\(module).adapter_down.0"] : []
    case .normAfter: form.normalizesOutput ? ["\(module).adapter_norm_after"] : []
    }
  }

  /// The tensor of a piece, which must exist.
  private func stored(_ piece: BottleneckPiece, _ ending: String, at site: BottleneckSite) throws(ModelError) -> String
  {
    let candidates = modules(of: piece, at: site).map { "\($0).\(ending)" }
    guard let name = candidates.lazy.compactMap({ names[$0] }).first else {
      throw ModelError(file: file.path, entry: candidates.first, reason: "the tensor is missing")
    }
    return name
  }

  /// The weight and the bias of a piece, in the weight's shape; those of the second layer include the scaling.
  func tables(
    _ piece: BottleneckPiece, at site: BottleneckSite, shape: [Int]
  ) throws(ModelError) -> (weight: WeightTable, bias: WeightTable) {
    let factor = piece == .up ? scaling : 1
    return (
      try table(try stored(piece, "weight", at: site), shape, factor),
      try table(try stored(piece, "bias", at: site), [shape[0]], factor)
    )
  }

  private func table(_ name: String, _ shape: [Int], _ factor: Float) throws(ModelError) -> WeightTable {
    try file.check(name, has: shape)
    let rows = shape.count == 2 ? shape[0] : 1
    return try WeightTable(rows: rows, columns: shape[shape.count - 1]) { (values) throws(ModelError) in
      try file.readFloats(name, into: values)
      guard factor != 1 else { return }
      for index in values.indices { values[index] *= factor }
      guard values.allSatisfy(\.isFinite) else {
        throw ModelError(
          file: file.path(of: name), entry: name,
          reason: "times the scaling \(factor), holds a value that is not finite")
      }
    }
  }
}
