import Logging
import NIOCore
import NIOSSL

/// Connects a channel to its HTTP/2 session: bytes from the socket go to the session, frames from the session go to the
/// socket.
final class ConnectionHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let limits: ConnectionLimits
  private let makeHandler: (ServerStream) -> any StreamHandler
  private let observe: ConnectionObserver
  private let logger: Logger
  private var session: Session?
  private var context: ChannelHandlerContext?
  private var isReading = false
  private var isFlushScheduled = false
  /// The initial size of the next chunk: the size that the last one needed.
  private var lastChunkBytes = 0
  /// Whether the client broke the protocol: then the goodbye is the last output.
  private var hasFailed = false
  private var isClosing = false
  private var isReadHeldBack = false
  private var drain = Drain()
  private var life: ConnectionLife
  private var lastSweep = NIODeadline.now()
  private var timer: (deadline: NIODeadline, task: Scheduled<Void>)?

  init(
    limits: ConnectionLimits, logger: Logger, observe: @escaping ConnectionObserver,
    makeHandler: @escaping (ServerStream) -> any StreamHandler
  ) {
    self.limits = limits
    life = ConnectionLife(limits.times, ageFactor: .random(in: 0.9...1.1), now: .now())
    self.logger = logger
    self.observe = observe
    self.makeHandler = makeHandler
  }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    do {
      session = try Session(
        limits: limits, now: .now(), makeHandler: makeHandler,
        onOutputPending: { [unowned self] in scheduleFlush() },
        onDrainAcknowledged: { [unowned self] in finishDrain() })
      session?.peer = context.remoteAddress
      flush()
      keepTime()
    } catch {
      logger.error("an HTTP/2 session could not be made", metadata: ["error": "\(error)"])
      context.close(promise: nil)
    }
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let session, !hasFailed else { return }
    isReading = true
    session.now = .now()
    session.beginRead()
    life.heard(at: session.now)
    do throws(ClientFault) {
      try session.receive(unwrapInboundIn(data))
    } catch {
      switch error {
      case .abuse(let abuse): refuse(abuse, session)
      case .protocolBreach(let error):
        logger.debug("connection ended by its client's bytes", metadata: ["error": "\(error)"])
        session.terminate(.protocolError)
        hasFailed = true
      }
    }
    for _ in 0..<session.streamsCutShort { observe(.abused(.headersTooLarge)) }
    session.streamsCutShort = 0
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    flush()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable {
      life.heard(at: .now())
      session?.socket(isWritable: true)
      flush()
      if isReadHeldBack {
        isReadHeldBack = false
        context.read()
      }
    }
    context.fireChannelWritabilityChanged()
  }

  /// Stops reading from a client that does not read its answers, and reads only now and then from one that resets
  /// stream after stream.
  func read(context: ChannelHandlerContext) {
    guard context.channel.isWritable else {
      isReadHeldBack = true
      return
    }
    guard let session, session.resetsInRead > ConnectionLimits.resetsPerRead else { return context.read() }
    session.beginRead()
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: ConnectionLimits.pauseBehindResets) {
      if let context = handler.value.context { handler.value.read(context: context) }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.task.cancel()
    session?.closeAllStreams()
    session = nil
    self.context = nil
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if case .handshakeFailed = error as? NIOSSLError { observe(.refused(.tlsHandshake)) }
    logger.debug("connection failed", metadata: ["error": "\(error)"])
    context.close(promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is Drain.Begin: beginDrain()
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  /// Replies that become ready in one turn of the event loop leave in one write.
  private func scheduleFlush() {
    guard !isReading, !isFlushScheduled, let context else { return }
    isFlushScheduled = true
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    context.eventLoop.execute {
      handler.value.isFlushScheduled = false
      handler.value.flush()
    }
  }

  private func flush() {
    guard let context, let session else { return }
    session.now = .now()
    do {
      // Beyond the high-water mark the channel is not writable; it notifies the handler when it has written enough.
      while context.channel.isWritable, let chunk = try nextChunk(session, context) {
        context.write(wrapOutboundOut(chunk), promise: nil)
      }
    } catch {
      logger.error("an HTTP/2 session could not go on", metadata: ["error": "\(error)"])
      context.close(promise: nil)
      return
    }
    context.flush()
    if !hasFailed, let abuse = session.abuse {
      refuse(abuse, session)
      flush()
      return
    }
    if session.isFinished || hasFailed {
      closeAfterWriting(context)
      return
    }
    life.streams(open: session.openStreamCount, at: session.now)
    session.socket(isWritable: context.channel.isWritable)
    keepTime()
  }

  /// Ends the connection of an abusive client with GOAWAY.
  private func refuse(_ abuse: Abuse, _ session: Session) {
    logger.info("connection ended for what its client did", metadata: ["reason": "\(abuse.rawValue)"])
    observe(.abused(abuse))
    session.terminate(.enhanceYourCalm)
    hasFailed = true
  }

  /// The next frames for the client, several in one write; nil if there are none.
  private func nextChunk(_ session: Session, _ context: ChannelHandlerContext) throws -> ByteBuffer? {
    guard session.hasOutput else { return nil }
    var chunk = context.channel.allocator.buffer(capacity: lastChunkBytes)
    while chunk.readableBytes < ConnectionLimits.chunkBytes, try session.writeOutput(into: &chunk) {}
    guard chunk.readableBytes > 0 else { return nil }
    lastChunkBytes = chunk.readableBytes
    return chunk
  }

  /// Closes the connection after its last bytes, because closing a channel drops unwritten data.
  ///
  /// A client that broke the protocol may still be sending. The system would answer its bytes with a reset, which can
  /// overtake the GOAWAY. The receiving side therefore stays open for a moment.
  private func closeAfterWriting(_ context: ChannelHandlerContext) {
    guard !isClosing else { return }
    isClosing = true
    let channel = context.channel
    let mode: CloseMode = hasFailed ? .output : .all
    context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in channel.close(mode: mode, promise: nil) }
    if hasFailed { context.eventLoop.scheduleTask(in: Self.farewell) { channel.close(promise: nil) } }
  }

  private static let farewell = TimeAmount.seconds(1)

  // MARK: The end

  /// Schedules the next check of deadlines. A timer that fires too early costs less than moving it at each event.
  private func keepTime() {
    guard let context, let session else { return }
    let sweep = session.openStreamCount > 0 ? lastSweep + limits.times.sweepInterval : nil
    let deadlines = [life.nextDeadline, session.slowness.nextDeadline, sweep]
    guard let deadline = deadlines.compactMap(\.self).min() else { return }
    if let timer, timer.deadline <= deadline { return }
    timer?.task.cancel()
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    let task = context.eventLoop.scheduleTask(deadline: deadline) { handler.value.timeHasPassed() }
    timer = (deadline, task)
  }

  private func timeHasPassed() {
    timer = nil
    guard let session, let context else { return }
    session.now = .now()
    if let abuse = session.slowness.fault(at: session.now) {
      refuse(abuse, session)
      flush()
      return
    }
    sweep(session)
    switch life.takeAction(at: session.now) {
    case .ping: session.ping()
    case .drain: beginDrain()
    case .close:
      logger.debug("connection closed: its client is silent")
      context.close(promise: nil)
    case nil: break
    }
    keepTime()
  }

  private func sweep(_ session: Session) {
    guard session.openStreamCount > 0, lastSweep + limits.times.sweepInterval <= session.now else { return }
    lastSweep = session.now
    for _ in 0..<session.sweepStreams() { observe(.abused(.slowReader)) }
  }

  private func beginDrain() {
    guard let session, let context, drain.begin() else { return }
    session.announceShutdown()
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: Drain.patience) { handler.value.finishDrain() }
  }

  private func finishDrain() {
    guard let session, drain.finish() else { return }
    session.refuseNewStreams()
  }
}
