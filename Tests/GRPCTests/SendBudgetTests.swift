import Synchronization
import Testing

@testable import GRPC

/// The budget for bytes of replies in the whole server.
@Suite struct SendBudgetTests {
  private final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .relaxed) }
    func add() { count.wrappingAdd(1, ordering: .relaxed) }
  }

  @Test func reservationsStayWithinTheLimit() {
    let budget = SendBudget(bytes: 100)
    let first = budget.reservation()
    let second = budget.reservation()
    #expect(first.reserve(60))
    #expect(!second.reserve(41))
    #expect(second.reserve(40))
    #expect(budget.usedBytes == 100)
    first.release()
    first.release()
    #expect(budget.usedBytes == 40)
  }

  @Test func aReservationIsMadeOnce() {
    let budget = SendBudget(bytes: 100)
    let reservation = budget.reservation()
    #expect(reservation.reserve(60) && reservation.reserve(60))
    #expect(budget.usedBytes == 60)
  }

  @Test func releasedBytesTakeNoSpace() {
    let budget = SendBudget(bytes: 100)
    let reservation = budget.reservation()
    reservation.release()
    #expect(reservation.reserve(60))
    #expect(budget.usedBytes == 0)
  }

  @Test func aForgottenReservationIsGivenBack() {
    let budget = SendBudget(bytes: 100)
    do { #expect(budget.reservation().reserve(60)) }
    #expect(budget.usedBytes == 0)
  }

  @Test func aReplyOverTheLimitIsAdmittedAlone() {
    let budget = SendBudget(bytes: 100)
    let large = budget.reservation()
    #expect(large.reserve(1_000))
    #expect(!budget.reservation().reserve(1))
    large.release()
    #expect(budget.reservation().reserve(1))
  }

  @Test func roomIsToldOfAfterARefusal() {
    let budget = SendBudget(bytes: 100)
    let told = Counter()
    budget.onRoom { told.add() }
    budget.count(100)
    budget.release(10)
    #expect(told.value == 0, "nobody was refused")
    #expect(!budget.reservation().reserve(50))
    budget.release(20)
    budget.release(20)
    #expect(told.value == 1)
    #expect(budget.usedBytes == 50)
  }
}
