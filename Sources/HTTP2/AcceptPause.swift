import Glibc
import NIOCore

/// Stops accepting for a moment where the process is out of file descriptors or the system out of memory.
///
/// The connections that wait keep the listener readable, so it is not asked again at once: automatic reading is off
/// until the pause is over. (NIO's own `AcceptBackoffHandler` delays reads that are asked for; after a failed accept the
/// listener is tried again without any.)
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

  /// Does nothing to a listener that is closed.
  private func setReading(_ isReading: Bool, _ channel: any Channel) {
    try? channel.syncOptions?.setOption(.autoRead, value: isReading)
  }
}
