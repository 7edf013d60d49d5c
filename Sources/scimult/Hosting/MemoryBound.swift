import ArgumentParser

/// An option that memory depends on: one that is given holds; a default gives way where the container has less.
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

  /// So many thousandths of a default, but no less than `least`; what is given as it is.
  func scaled(thousandths: Int, least: Int) -> Int {
    isGiven ? value : max(value * thousandths / 1_000, min(value, least))
  }
}
