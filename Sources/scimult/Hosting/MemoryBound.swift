import ArgumentParser

/// An option that affects memory. An explicit value is kept; a default is lowered if the container has less memory.
struct MemoryBound: ExpressibleByArgument, Equatable {
  let value: Int
  let isGiven: Bool

  init(byDefault value: Int) {
    self.value = value
    isGiven = false
  }

  init(given value: Int) {
    self.value = value
    isGiven = true
  }

  init?(argument: String) {
    guard let value = Int(argument) else { return nil }
    self.init(given: value)
  }

  var defaultValueDescription: String { String(value) }

  /// The given share of a default, in thousandths, but at least `least`; an explicit value unchanged.
  func scaled(thousandths: Int, least: Int) -> Int {
    isGiven ? value : max(value * thousandths / 1_000, min(value, least))
  }
}
