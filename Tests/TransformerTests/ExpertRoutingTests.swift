import Foundation
import Testing

@testable import Transformer

/// Which expert serves a task and role.
@Suite struct ExpertRoutingTests {
  private typealias Route = ExpertRouting.Route

  private static let topics = EncodingTask(rawValue: "topics")!
  private static let aims = EncodingTask(rawValue: "aims")!

  /// Search queries go to one encoder, all others to the two experts of another encoder.
  private static let routing = ExpertRouting(
    [topics, .search, aims, .classification], names: [["a", "b"], ["c"]]
  ) { task, role in
    switch (task, role) {
    case (.search, .query): Route(encoder: 1, expert: 0)
    case (.classification, _): Route(encoder: 0, expert: 0)
    default: Route(encoder: 0, expert: 1)
    }
  }

  @Test func tasksAreInTheContractsOrderThenByName() {
    #expect(Self.routing.tasks == [.classification, .search, Self.aims, Self.topics])
    #expect(ExpertRouting.plain().tasks == EncodingTask.standard)
    #expect(ExpertRouting.plain([Self.topics, .search]).tasks == [.search, Self.topics])
  }

  @Test func anExpertIsCalledByItsName() {
    #expect(Self.routing.name(of: .search, .query) == "c")
    #expect(Self.routing.name(of: .search, .candidate) == "b")
    #expect(Self.routing.name(of: .classification, .query) == "a")
    #expect(Self.routing.name(of: .linkPrediction, .query) == nil)
    #expect(ExpertRouting.plain().name(of: .search, .query) == nil)
  }

  @Test func someTasksAreKeptAlone() throws {
    let some = try #require(Self.routing.only([.search, Self.topics], orAny: false))
    #expect(some.tasks == [.search, Self.topics])
    for task in some.tasks {
      for role in EncodingRole.allCases {
        #expect(some[task, role] == Self.routing[task, role])
        #expect(some.name(of: task, role) == Self.routing.name(of: task, role))
      }
    }
    #expect(Self.routing.only([.search, .linkPrediction], orAny: false) == nil, "no expert")
  }

  @Test func aModelThatTellsNoTasksApartServesAnyTask() throws {
    #expect(!ExpertRouting.plain().tellsTasksApart)
    let any = try #require(ExpertRouting.plain().only([Self.aims], orAny: true))
    #expect(any.tasks == [Self.aims])
    #expect(any[Self.aims, .candidate] == Route(encoder: 0, expert: 0))
    // Encoders by role, for all tasks.
    let byRole = ExpertRouting(EncodingTask.standard, names: [["q"], ["c"]]) { _, role in
      Route(encoder: role == .query ? 0 : 1, expert: 0)
    }
    #expect(!byRole.tellsTasksApart && Self.routing.tellsTasksApart)
    let others = try #require(byRole.only([Self.aims, .search], orAny: true))
    #expect(others[Self.aims, .query] == Route(encoder: 0, expert: 0))
    #expect(others[Self.aims, .candidate] == Route(encoder: 1, expert: 0))
    #expect(others.name(of: Self.aims, .candidate) == "c")
  }

  @Test func aRouteMustLeadToAnExpert() {
    #expect(Self.routing.isServed(experts: [2, 1]))
    for experts in [[], [2], [1, 1], [3, 1], [2, 2], [1, 2], [2, 1, 1]] {
      #expect(!Self.routing.isServed(experts: experts), "\(experts)")
    }
    #expect(ExpertRouting.plain().isServed(experts: [1]) && ExpertRouting.plain().isServed(experts: [3, 1]))
    #expect(!ExpertRouting.plain([]).isServed(experts: [1]), "no task")
    for route in [Route(encoder: 0, expert: 1), Route(encoder: 1, expert: 0), Route(encoder: 0, expert: -1)] {
      let lost = ExpertRouting([.search], names: []) { _, role in
        role == .query ? Route(encoder: 0, expert: 0) : route
      }
      #expect(!lost.isServed(experts: [1]))
    }
  }

  @Test func itIsTheSameWhenItIsReadAgain() throws {
    let bytes = try JSONEncoder().encode(Self.routing)
    #expect(try JSONDecoder().decode(ExpertRouting.self, from: bytes) == Self.routing)
  }
}
