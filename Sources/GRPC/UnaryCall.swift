import NIOCore

/// A unary call as its handler sees it, on any thread.
public struct UnaryCall: Sendable {
  /// The request message, without its frame.
  public let message: ByteBuffer
  /// Cancelled when the client or the deadline ends the call.
  public let cancellation: Cancellation
  let share: ReceiveBudget.Share
  let eventLoop: any EventLoop
  let call: NIOLoopBound<Call>

  /// Gives the message's bytes back to the server's budget: to be called as soon as they are not needed any more.
  public func messageIsConsumed() {
    share.release()
  }

  /// Answers the call. The first answer counts; after the call's end nothing happens.
  public func respond(_ result: Result<ByteBuffer, Status>) {
    let call = call
    eventLoop.execute { call.value.complete(result) }
  }
}

/// What a method does.
public typealias UnaryHandler = @Sendable (UnaryCall) -> Void
