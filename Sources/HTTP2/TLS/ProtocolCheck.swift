import NIOCore
import NIOTLS

/// Closes a connection whose client has not agreed on HTTP/2 (RFC 9113, section 3.2).
final class ProtocolCheck: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let refuse: () -> Void

  /// - Parameter refuse: called before the connection is closed.
  init(refuse: @escaping () -> Void) {
    self.refuse = refuse
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted(let negotiated) = event as? TLSUserEvent,
      negotiated != TLSIdentity.applicationProtocol
    {
      refuse()
      context.close(promise: nil)
    }
    context.fireUserInboundEventTriggered(event)
  }
}
