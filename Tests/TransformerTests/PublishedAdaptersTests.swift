import Testing

@testable import Transformer

/// SPECTER2's adapters with all their names: the tasks of each set.
@Suite struct PublishedAdaptersTests {
  private static let spellings: [[String: String]] = [
    ["proximity": "proximity", "query": "adhoc_query", "classes": "classification", "numbers": "regression"],
    [
      "proximity": "specter2", "query": "specter2_adhoc_query", "classes": "specter2_classification",
      "numbers": "specter2_regression",
    ],
    [
      "proximity": "specter2_aug2023refresh", "query": "specter2_aug2023refresh_adhoc_query",
      "classes": "specter2_aug2023refresh_classification", "numbers": "specter2_aug2023refresh_regression",
    ],
    ["proximity": "[PRX]", "query": "[QRY]", "classes": "[CLF]", "numbers": "[RGN]"],
    [
      "proximity": "specter2_proximity", "query": "[QRY]", "classes": "specter2_aug2023refresh_classification",
      "numbers": "regression",
    ],
    [
      "proximity": "specter2_aug2023refresh_proximity", "query": "adhoc_query", "classes": "classification",
      "numbers": "regression",
    ],
  ]

  /// The uses of a set of adapters: the kinds for queries and for candidates, by task.
  private static let served: [EncodingTask: (query: String, candidate: String)] = [
    .search: ("query", "proximity"), .linkPrediction: ("proximity", "proximity"),
    .classification: ("classes", "classes"), .regression: ("numbers", "numbers"),
  ]

  @Test(arguments: spellings)
  func everySetServesTheTasksThatItHasAdaptersFor(names: [String: String]) {
    let kinds = names.keys.sorted()
    for chosen in 0..<1 << kinds.count {
      let set = kinds.indices.filter { chosen >> $0 & 1 == 1 }.map { kinds[$0] }
      for adapters in [set, set.reversed()] {
        // Each by its file's name and by its folder's, of which only one is meaningful.
        let choice = PublishedAdapters.choice(
          adapters.enumerated().compactMap { index, kind in
            names[kind].map { index.isMultiple(of: 2) ? [$0, "folder \(index)"] : ["adapter \(index)", $0] }
          })
        for (task, kinds) in Self.served {
          let isServed = set.contains(kinds.query) && set.contains(kinds.candidate)
          #expect(choice.tasks.contains(task) == isServed, "\(task.rawValue) of \(set)")
          guard isServed, let query = names[kinds.query], let candidate = names[kinds.candidate] else { continue }
          #expect(choice[task, .query] == .named(query))
          #expect(choice[task, .candidate] == .named(candidate))
        }
        #expect(choice.tasks.allSatisfy { Self.served[$0] != nil })
      }
    }
  }

  @Test func theyAreKnownByAnyOfTheirNames() {
    for name in Self.spellings.flatMap(\.values) {
      #expect(PublishedAdapters.contains([name]))
      #expect(PublishedAdapters.contains(["folder", name]))
    }
  }

  @Test(arguments: [
    "", "PRX", "[prx]", "Proximity", "specter", "specter2_", "adhoc-query", "aug2023refresh", "specter2_base",
    "specter2_aug2024refresh", "proximity2", "[MASK]",
  ])
  func otherNamesAreNotTheirs(name: String) {
    #expect(!PublishedAdapters.contains([name]))
    #expect(PublishedAdapters.choice([[name]]).tasks.isEmpty)
  }
}
