import HeapModule
import JSON

/// The best of the candidates that came, for one query: as many as are asked for, however many come.
struct BestCandidates {
  struct Hit: Comparable {
    /// Place among all that came.
    let index: Int
    let id: JSONValue
    /// The dot product with the query.
    let score: Float

    /// A hit is less than another that is ranked before it.
    static func < (a: Hit, b: Hit) -> Bool { (a.score, b.index) < (b.score, a.index) }
    static func == (a: Hit, b: Hit) -> Bool { a.index == b.index && a.score == b.score }
  }

  private let limit: Int
  private var hits = Heap<Hit>()

  /// - Parameter limit: at least 1.
  init(limit: Int) {
    self.limit = limit
  }

  mutating func add(index: Int, id: JSONValue, score: Float) {
    let hit = Hit(index: index, id: id, score: score)
    if hits.count < limit {
      hits.insert(hit)
    } else if let worst = hits.min, worst < hit {
      hits.replaceMin(with: hit)
    }
  }

  /// Best first, ties by their places.
  var ranked: [Hit] { hits.unordered.sorted(by: >) }
}
