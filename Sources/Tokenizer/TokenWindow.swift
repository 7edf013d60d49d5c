/// The ids of a text that are kept while it is read, in memory that is bounded by the limit.
struct TokenWindow {
  /// Which ids are kept, and whether the rest of a text is looked at.
  enum Part: Equatable {
    /// The first; reading ends as soon as there are more.
    case first(Int)
    /// The last; reading goes on to the end.
    case last(Int)
  }

  let part: Part
  /// The ids at hand; more than the limit, until ``close()``.
  private(set) var ids: [Int32] = []
  private var droppedCount = 0
  private let compactionCount: Int

  init(_ part: Part) {
    self.part = part
    switch part {
    case .first: compactionCount = .max
    case .last(let limit): compactionCount = limit > .max / 4 ? .max : 2 * limit + 1024
    }
  }

  /// How many ids there were so far.
  var count: Int { droppedCount + ids.count }

  /// Whether nothing that follows is kept, and that something is missing is known.
  var isFull: Bool {
    if case .first(let limit) = part { ids.count > limit } else { false }
  }

  /// Lets ids be appended, which are kept for now.
  mutating func append(_ body: (inout [Int32]) -> Void) {
    body(&ids)
    if ids.count > compactionCount, case .last(let limit) = part { dropFirst(keeping: limit) }
  }

  /// The ids that are kept.
  mutating func close() -> [Int32] {
    switch part {
    case .first(let limit): if ids.count > limit { ids.removeSubrange(limit...) }
    case .last(let limit): dropFirst(keeping: limit)
    }
    return ids
  }

  private mutating func dropFirst(keeping limit: Int) {
    guard ids.count > limit else { return }
    droppedCount += ids.count - limit
    ids.removeFirst(ids.count - limit)
  }
}
