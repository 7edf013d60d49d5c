import HeapModule
import JSON

/// The best candidates for one query: a fixed number of them, however many candidates arrive.
struct BestCandidates {
  struct Hit: Comparable {
    /// The candidate's position among all.
    let index: Int
    let id: JSONValue
    /// The dot product with the query.
    let score: Float

    /// A hit is less than another hit that ranks before it.
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

  /// Best first, ties by position.
  var ranked: [Hit] { hits.unordered.sorted(by: >) }
}
