import HTTP2
import Metrics

/// Counts connections.
public struct ConnectionMetrics: Sendable {
  private let open: Meter
  private let opened: Counter
  private let refusals: RefusalCounters<ConnectionRefusal>
  private let abuses: RefusalCounters<Abuse>

  public init(factory: any MetricsFactory) {
    open = Meter(label: Self.open.name, factory: factory)
    opened = Counter(label: Self.opened.name, factory: factory)
    refusals = RefusalCounters(factory: factory)
    abuses = RefusalCounters(factory: factory)
  }

  @Sendable public func observe(_ event: ConnectionEvent) {
    switch event {
    case .opened:
      open.increment()
      opened.increment()
    case .closed: open.decrement()
    case .refused(let reason): refusals.count(reason)
    case .abused(let abuse): abuses.count(abuse)
    }
  }

  private static let open = MetricDescription("scimult_connections", .gauge, help: "Connections that are open.")
  private static let opened = MetricDescription(
    "scimult_connections_total", .counter, help: "Connections that were served.")

  static let descriptions = [open, opened]
}
