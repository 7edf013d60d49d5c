/// Computes each scalar's action from the Unicode tables and the normaliser's settings.
struct ActionComposer {
  /// The purpose of the actions.
  enum Purpose {
    /// Normalise, and split into words.
    case words
    /// Only normalise: spaces and punctuation are appended like letters.
    case normalizedText
  }

  private let settings: NormalizerSettings
  private let purpose: Purpose
  private let data = UnicodeData()
  private let mapped: [Bool]
  /// The parts of all expansions so far.
  private(set) var parts: [ScalarAction] = []

  init(_ settings: NormalizerSettings, purpose: Purpose) {
    self.settings = settings
    self.purpose = purpose
    var mapped = [Bool](repeating: false, count: Int(UnicodeData.scalarCount))
    for scalar in data.mappedScalars {
      mapped[Int(scalar)] = true
    }
    self.mapped = mapped
  }

  mutating func action(for scalar: UInt32) -> ScalarAction {
    if !mapped[Int(scalar)] {
      if let action = cleaned(scalar, from: scalar) { return action }
      if !isSpacedOut(scalar) {
        return stripped(scalar, from: scalar) ?? split(scalar, from: scalar, isolated: isIsolated(scalar))
      }
    }
    let lowered = settings.lowercasesFirst ? data.lowercase(of: scalar) : nil
    var steps: [ScalarAction] = []
    for source in lowered ?? [scalar] { appendSteps(for: source, from: scalar, to: &steps) }
    return combined(steps)
  }

  private mutating func combined(_ steps: [ScalarAction]) -> ScalarAction {
    let steps = steps.filter { $0 != .drop }
    switch steps.count {
    case 0: return .drop
    case 1: return steps[0]
    default:
      parts += steps
      return .expansion(partsAt: parts.count - steps.count, count: steps.count)
    }
  }

  /// Appends the steps for one scalar; `scalar` is `source` itself or its lowercase form.
  private func appendSteps(for source: UInt32, from scalar: UInt32, to steps: inout [ScalarAction]) {
    if let action = cleaned(source, from: scalar) {
      steps.append(action)
      return
    }
    if isSpacedOut(source) { steps.append(.letter(0x20, from: scalar)) }
    let decomposed = settings.stripsAccents ? data.decomposition(of: source) : nil
    for output in decomposed ?? [source] {
      if let action = stripped(output, from: scalar) {
        steps.append(action)
        continue
      }
      let lowered = settings.lowercases ? data.lowercase(of: output) : nil
      steps += (lowered ?? [output]).map { split($0, from: scalar, isolated: isIsolated(source)) }
    }
    if isSpacedOut(source) { steps.append(.letter(0x20, from: scalar)) }
  }

  /// The action of text cleaning, or of decomposing a Hangul syllable; nil if neither applies.
  private func cleaned(_ source: UInt32, from scalar: UInt32) -> ScalarAction? {
    if settings.cleansText {
      let properties = data.properties(of: source)
      if properties.contains(.control) { return .drop }
      if properties.contains(.whitespace) { return purpose == .words ? .space : .letter(0x20, from: scalar) }
    }
    return settings.stripsAccents && HangulSyllable.all.contains(source) ? .hangul : nil
  }

  private func isIsolated(_ source: UInt32) -> Bool {
    settings.isolatesIdeographs && data.properties(of: source).contains(.ideograph)
  }

  /// Whether the normalised text has spaces around the scalar.
  private func isSpacedOut(_ source: UInt32) -> Bool { purpose == .normalizedText && isIsolated(source) }

  /// The action of accent stripping on a decomposed scalar; nil if it does not apply.
  private func stripped(_ output: UInt32, from scalar: UInt32) -> ScalarAction? {
    guard settings.stripsAccents else { return nil }
    let combiningClass = data.combiningClass(of: output)
    if data.properties(of: output).contains(.nonspacing) {
      return combiningClass == 0 ? .barrier : .drop
    }
    return combiningClass == 0 ? nil : .combining(output, class: combiningClass, from: scalar)
  }

  /// The action of the pre-tokeniser on a normalised scalar.
  private func split(_ output: UInt32, from scalar: UInt32, isolated: Bool) -> ScalarAction {
    guard purpose == .words else { return .letter(output, from: scalar) }
    let properties = data.properties(of: output)
    if properties.contains(.whitespace) { return .space }
    if isolated || properties.contains(.punctuation) { return .isolated(output, from: scalar) }
    return .letter(output, from: scalar)
  }
}
