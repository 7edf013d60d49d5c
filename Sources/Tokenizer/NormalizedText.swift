/// A normalised text as UTF-8, including spaces, for tokens that are matched in it.
struct NormalizedText {
  private(set) var bytes: [UInt8] = []
  /// Combining characters that canonical ordering may still move, in canonical order.
  private var combining: [(scalar: Unicode.Scalar, combiningClass: UInt8)] = []

  /// - Parameter table: a table for ``ActionComposer/Purpose/normalizedText``.
  init(_ text: Span<UInt8>, by table: NormalizationTable) {
    bytes.reserveCapacity(text.count)
    var position = 0
    while position < text.count {
      let (scalar, width) = UTF8Scalar.decode(text, at: position)
      apply(table.action(for: scalar), to: scalar, table)
      position += width
    }
    endCombiningRun()
  }

  private mutating func apply(_ action: ScalarAction, to scalar: UInt32, _ table: NormalizationTable) {
    switch action.kind {
    case .letter, .isolated: append(action.output(for: scalar))
    case .space: append(0x20)
    case .drop: break
    case .barrier: endCombiningRun()
    case .combining: insert(action.output(for: scalar), combiningClass: action.combiningClass)
    case .expansion:
      for part in table.parts(of: action) { apply(part, to: scalar, table) }
    case .hangul:
      HangulSyllable.forEachJamo(of: scalar) { append($0) }
    }
  }

  private mutating func append(_ scalar: UInt32) {
    if !combining.isEmpty { endCombiningRun() }
    if let scalar = Unicode.Scalar(scalar) { bytes.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped) }
  }

  private mutating func insert(_ scalar: UInt32, combiningClass: UInt8) {
    guard let scalar = Unicode.Scalar(scalar) else { return }
    let place = combining.firstIndex { $0.combiningClass > combiningClass } ?? combining.endIndex
    combining.insert((scalar, combiningClass), at: place)
  }

  private mutating func endCombiningRun() {
    for (scalar, _) in combining { bytes.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped) }
    combining.removeAll(keepingCapacity: true)
  }
}
