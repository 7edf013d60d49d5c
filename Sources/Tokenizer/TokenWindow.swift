/// The ids to keep while a text is read, in memory that the limit bounds.
struct TokenWindow {
  /// Which ids are kept, and whether the rest of a text is read.
  enum Part: Equatable {
    /// The first ids; reading ends as soon as there are more.
    case first(Int)
    /// The last ids; reading goes on to the end.
    case last(Int)
  }

  let part: Part
  /// The current ids; they may exceed the limit until ``close()``.
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

  /// The number of ids so far.
  var count: Int { droppedCount + ids.count }

  /// Whether no further id is kept, and it is known that some are missing.
  var isFull: Bool {
    if case .first(let limit) = part { ids.count > limit } else { false }
  }

  /// Appends ids, which are kept for now.
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
