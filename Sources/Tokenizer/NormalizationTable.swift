/// The action for each Unicode scalar under one setting of the normaliser: a two-stage table.
///
/// BERT cleans, isolates CJK ideographs, strips accents, lowercases and splits at punctuation, one step after the
/// other. Each step looks at one scalar at a time (except for canonical ordering), so one lookup does all of them.
struct NormalizationTable: Sendable {
  private static let blockBits: UInt32 = 7
  private static let blockSize = 1 << Int(blockBits)

  private let blockStarts: [UInt32]
  private let actions: [ScalarAction]
  private let parts: [ScalarAction]

  init(_ settings: NormalizerSettings, purpose: ActionComposer.Purpose = .words) {
    var composer = ActionComposer(settings, purpose: purpose)
    var starts: [UInt32] = []
    var actions: [ScalarAction] = []
    var known: [[ScalarAction]: UInt32] = [:]
    for first in stride(from: 0, to: UnicodeData.scalarCount, by: Self.blockSize) {
      let block = (first..<first + UInt32(Self.blockSize)).map { composer.action(for: $0) }
      if let start = known[block] {
        starts.append(start)
      } else {
        known[block] = UInt32(actions.count)
        starts.append(UInt32(actions.count))
        actions += block
      }
    }
    self.blockStarts = starts
    self.actions = actions
    self.parts = composer.parts
  }

  @inline(__always)
  func action(for scalar: UInt32) -> ScalarAction {
    let start = blockStarts[Int(scalar >> Self.blockBits)]
    return actions[Int(start) + Int(scalar) & (Self.blockSize - 1)]
  }

  func parts(of expansion: ScalarAction) -> ArraySlice<ScalarAction> {
    parts[expansion.parts]
  }
}
