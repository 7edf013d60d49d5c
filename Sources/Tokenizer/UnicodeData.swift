/// ``UnicodeTables`` expanded for lookups by scalar. It is needed only while a normalisation table is built.
struct UnicodeData {
  static let scalarCount: UInt32 = 0x110000

  private let properties: [UInt8]
  private let combiningClasses: [UInt8]
  private let decompositions: [UInt32: ArraySlice<UInt32>]
  private let lowercaseMappings: [UInt32: ArraySlice<UInt32>]

  init() {
    properties = Self.unfold(runs: UnicodeTables.propertyRuns)
    combiningClasses = Self.unfold(runs: UnicodeTables.combiningClassRuns)
    decompositions = Self.unfold(mappings: UnicodeTables.decompositions)
    lowercaseMappings = Self.unfold(mappings: UnicodeTables.lowercaseMappings)
  }

  func properties(of scalar: UInt32) -> ScalarProperties {
    ScalarProperties(rawValue: properties[Int(scalar)])
  }

  func combiningClass(of scalar: UInt32) -> UInt8 {
    combiningClasses[Int(scalar)]
  }

  /// The full canonical decomposition; nil for an unchanged scalar, and for Hangul syllables.
  func decomposition(of scalar: UInt32) -> ArraySlice<UInt32>? {
    decompositions[scalar]
  }

  /// The lowercase form; nil for an unchanged scalar.
  func lowercase(of scalar: UInt32) -> ArraySlice<UInt32>? {
    lowercaseMappings[scalar]
  }

  /// The scalars with their own decomposition or lowercase form.
  var mappedScalars: Set<UInt32> {
    Set(decompositions.keys).union(lowercaseMappings.keys)
  }

  private static func unfold(runs: [UInt32]) -> [UInt8] {
    var values = [UInt8](repeating: 0, count: Int(scalarCount))
    for (index, run) in runs.enumerated() {
      let end = index + 1 < runs.count ? runs[index + 1] >> 8 : scalarCount
      let value = UInt8(truncatingIfNeeded: run)
      for scalar in Int(run >> 8)..<Int(end) {
        values[scalar] = value
      }
    }
    return values
  }

  private static func unfold(mappings: [UInt32]) -> [UInt32: ArraySlice<UInt32>] {
    var result: [UInt32: ArraySlice<UInt32>] = [:]
    var position = 0
    while position < mappings.count {
      let scalar = mappings[position] >> 8
      let end = position + 1 + Int(mappings[position] & 0xFF)
      result[scalar] = mappings[position + 1..<end]
      position = end
    }
    return result
  }
}
