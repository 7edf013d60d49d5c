/// Works out each scalar's action from the Unicode tables and the normaliser's settings.
struct ActionComposer {
  private let settings: NormalizerSettings
  private let data = UnicodeData()
  private let mapped: [Bool]
  /// The parts of the expansions met so far.
  private(set) var parts: [ScalarAction] = []

  init(_ settings: NormalizerSettings) {
    self.settings = settings
    var mapped = [Bool](repeating: false, count: Int(UnicodeData.scalarCount))
    for scalar in data.mappedScalars {
      mapped[Int(scalar)] = true
    }
    self.mapped = mapped
  }

  mutating func action(for scalar: UInt32) -> ScalarAction {
    let properties = data.properties(of: scalar)
    if settings.cleansText {
      if properties.contains(.control) { return .drop }
      if properties.contains(.whitespace) { return .space }
    }
    if settings.stripsAccents && HangulSyllable.all.contains(scalar) { return .hangul }
    let isolated = settings.isolatesIdeographs && properties.contains(.ideograph)
    if !mapped[Int(scalar)] {
      return stripped(scalar, from: scalar) ?? split(scalar, from: scalar, isolated: isolated)
    }
    return compose(mapped: scalar, isolated: isolated)
  }

  private mutating func compose(mapped scalar: UInt32, isolated: Bool) -> ScalarAction {
    let decomposed = settings.stripsAccents ? data.decomposition(of: scalar) : nil
    var steps: [ScalarAction] = []
    for output in decomposed ?? [scalar] {
      if let action = stripped(output, from: scalar) {
        steps.append(action)
        continue
      }
      let lowered = settings.lowercases ? data.lowercase(of: output) : nil
      steps += (lowered ?? [output]).map { split($0, from: scalar, isolated: isolated) }
    }
    steps.removeAll { $0 == .drop }
    switch steps.count {
    case 0: return .drop
    case 1: return steps[0]
    default:
      parts += steps
      return .expansion(partsAt: parts.count - steps.count, count: steps.count)
    }
  }

  /// What accent stripping does to a decomposed scalar; nil where it has no say.
  private func stripped(_ output: UInt32, from scalar: UInt32) -> ScalarAction? {
    guard settings.stripsAccents else { return nil }
    let combiningClass = data.combiningClass(of: output)
    if data.properties(of: output).contains(.nonspacing) {
      return combiningClass == 0 ? .barrier : .drop
    }
    return combiningClass == 0 ? nil : .combining(output, class: combiningClass, from: scalar)
  }

  /// How the pre-tokeniser takes a normalised scalar.
  private func split(_ output: UInt32, from scalar: UInt32, isolated: Bool) -> ScalarAction {
    let properties = data.properties(of: output)
    if properties.contains(.whitespace) { return .space }
    if isolated || properties.contains(.punctuation) { return .isolated(output, from: scalar) }
    return .letter(output, from: scalar)
  }
}
