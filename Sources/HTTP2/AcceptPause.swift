import Glibc
import NIOCore

/// Stops accepting for a moment if the process is out of file descriptors or the system is out of memory.
///
/// The waiting connections keep the listener readable. The handler therefore switches automatic reading off until the
/// pause is over. (NIO's own `AcceptBackoffHandler` delays only requested reads; after a failed accept, NIO tries the
/// listener again without a request.)
public final class AcceptPause: ChannelInboundHandler {
  public typealias InboundIn = any Channel

  private static let length = TimeAmount.seconds(1)
  private static let shortages: Set<CInt> = [EMFILE, ENFILE, ENOBUFS, ENOMEM]

  private let observe: ConnectionObserver
  private var isPausing = false

  /// - Parameter observe: is told of each pause.
  public init(observe: @escaping ConnectionObserver) {
    self.observe = observe
  }

  public func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let error = error as? IOError, Self.shortages.contains(error.errnoCode) { pause(context) }
    context.fireErrorCaught(error)
  }

  private func pause(_ context: ChannelHandlerContext) {
    guard !isPausing else { return }
    isPausing = true
    observe(.refused(.descriptors))
    setReading(false, context.channel)
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    let channel = context.channel
    context.eventLoop.scheduleTask(in: Self.length) {
      handler.value.isPausing = false
      handler.value.setReading(true, channel)
    }
  }

  /// Does nothing for a closed listener.
  private func setReading(_ isReading: Bool, _ channel: any Channel) {
    try? channel.syncOptions?.setOption(.autoRead, value: isReading)
  }
}
