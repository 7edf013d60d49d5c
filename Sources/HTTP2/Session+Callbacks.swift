import CNGHTTP2
import NIOCore

/// The callbacks of nghttp2. Each closure finds its session by the user data and converts C values to Swift.
extension Session {
  static func makeSession(
    userData: UnsafeMutableRawPointer, memory: UnsafeMutablePointer<nghttp2_mem>?
  ) throws -> OpaquePointer {
    var callbacks: OpaquePointer?
    var option: OpaquePointer?
    guard nghttp2_session_callbacks_new(&callbacks) == 0, nghttp2_option_new(&option) == 0 else {
      throw SessionError(code: NGHTTP2_ERR_NOMEM.rawValue)
    }
    defer {
      nghttp2_session_callbacks_del(callbacks)
      nghttp2_option_del(option)
    }
    // A stream opens its window explicitly: see ServerStream.consumed.
    nghttp2_option_set_no_auto_window_update(option, 1)
    // MessageRules checks messages: nghttp2 has no option to accept any `:authority`.
    nghttp2_option_set_no_http_messaging(option, 1)
    // AbuseMonitor counts resets, and reports them to the client and in the metrics.
    nghttp2_option_set_stream_reset_rate_limit(option, 1 << 40, 1 << 20)
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, onBeginFrame)
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, onBeginHeaders)
    nghttp2_session_callbacks_set_on_header_callback(callbacks, onHeader)
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, onFrame)
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, onData)
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, onStreamClose)
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, onInvalidFrame)
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, onFrameSent)
    var session: OpaquePointer?
    let code = nghttp2_session_server_new3(&session, callbacks, userData, option, memory)
    guard code == 0, let session else { throw SessionError(code: code) }
    return session
  }

  private static func from(_ userData: UnsafeMutableRawPointer?) -> Session {
    Unmanaged<Session>.fromOpaque(userData!).takeUnretainedValue()
  }

  private static let onBeginFrame: nghttp2_on_begin_frame_callback = { _, header, userData in
    let session = from(userData)
    let mayGoOn =
      switch UInt32(header!.pointee.type) {
      case NGHTTP2_HEADERS.rawValue: session.mayOpen(header!.pointee.stream_id)
      case NGHTTP2_RST_STREAM.rawValue: session.counts(received: .reset)
      case NGHTTP2_PING.rawValue: session.counts(received: .control)
      case NGHTTP2_SETTINGS.rawValue: session.counts(received: .control)
      case NGHTTP2_PRIORITY.rawValue: session.counts(received: .priority)
      case NGHTTP2_WINDOW_UPDATE.rawValue: session.counts(received: .windowUpdate)
      default: true
      }
    return mayGoOn ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
  }

  private static let onBeginHeaders: nghttp2_on_begin_headers_callback = { _, frame, userData in
    let header = frame!.pointee.headers
    from(userData).headersBegan()
    if header.cat == NGHTTP2_HCAT_REQUEST { from(userData).openStream(header.hd.stream_id) }
    return 0
  }

  private static let onHeader: nghttp2_on_header_callback = {
    _, frame, name, nameLength, value, valueLength, _, userData in
    let session = from(userData)
    guard let stream = session.stream(frame!.pointee.hd.stream_id) else { return 0 }
    stream.headerBytes += nameLength + valueLength + 32
    guard stream.headerBytes <= ConnectionLimits.headerExcess * session.limits.maxHeaderBytes else {
      session.streamsCutShort += 1
      session.reset(stream: stream.id, code: .enhanceYourCalm)
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
    }
    let field = HeaderField(
      String(decoding: UnsafeBufferPointer(start: name, count: nameLength), as: UTF8.self),
      String(decoding: trimmed(value, valueLength), as: UTF8.self))
    guard hasAllowedCharacters(field.name, name, nameLength, value, valueLength), stream.rules.accepts(field) else {
      let mayGoOn = session.refuseMessage(of: stream)
      return (mayGoOn ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE : NGHTTP2_ERR_CALLBACK_FAILURE).rawValue
    }
    // Trailer fields are counted and dropped: the server reads none of a request's trailers.
    guard !stream.rules.areHeadersComplete, !stream.headersTooLarge else { return 0 }
    guard stream.headerBytes <= session.limits.maxHeaderBytes, stream.headers.count < session.limits.maxHeaderFields
    else {
      stream.headersTooLarge = true
      return 0
    }
    stream.headers.append(field)
    return 0
  }

  private static func hasAllowedCharacters(
    _ field: String, _ name: UnsafePointer<UInt8>?, _ nameLength: Int, _ value: UnsafePointer<UInt8>?,
    _ valueLength: Int
  ) -> Bool {
    guard nghttp2_check_header_name(name, nameLength) != 0 else { return false }
    return switch field {
    case ":method": nghttp2_check_method(value, valueLength) != 0
    case ":path": nghttp2_check_path(value, valueLength) != 0
    default: nghttp2_check_header_value(value, valueLength) != 0
    }
  }

  /// A value without the blanks around it, which are not part of it (RFC 9110, section 5.5).
  private static func trimmed(_ value: UnsafePointer<UInt8>?, _ length: Int) -> Slice<UnsafeBufferPointer<UInt8>> {
    func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    let bytes = UnsafeBufferPointer(start: value, count: length)
    guard let first = bytes.firstIndex(where: { !isBlank($0) }) else { return bytes[..<0] }
    return bytes[first...bytes.lastIndex { !isBlank($0) }!]
  }

  private static let onFrame: nghttp2_on_frame_recv_callback = { _, frame, userData in
    let session = from(userData)
    let header = frame!.pointee.hd
    let endOfStream = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    switch UInt32(header.type) {
    case NGHTTP2_HEADERS.rawValue:
      session.headersEnded()
      guard let stream = session.stream(header.stream_id), !stream.rules.isBroken else { break }
      let areTrailers = stream.rules.areHeadersComplete
      guard stream.rules.acceptsEndOfHeaders(endOfStream: endOfStream) else { return refuse(stream, session) }
      if areTrailers { stream.handler?.receivedEnd() } else { stream.deliverHeaders(endOfStream: endOfStream) }
    case NGHTTP2_DATA.rawValue:
      let isEmpty = header.length == frame!.pointee.data.padlen && !endOfStream
      guard session.counts(received: .data(isEmpty: isEmpty)) else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
      guard endOfStream, let stream = session.stream(header.stream_id), !stream.rules.isBroken else { break }
      guard stream.rules.acceptsEnd() else { return refuse(stream, session) }
      stream.handler?.receivedEnd()
    case NGHTTP2_SETTINGS.rawValue: session.settingsReceived()
    case NGHTTP2_PING.rawValue:
      let isAnswer = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
      let opaque = withUnsafeBytes(of: frame!.pointee.ping.opaque_data) { $0.loadUnaligned(as: UInt64.self) }
      if isAnswer, opaque == drainPing { session.onDrainAcknowledged() }
    default: break
    }
    return 0
  }

  private static func refuse(_ stream: ServerStream, _ session: Session) -> Int32 {
    session.refuseMessage(of: stream) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
  }

  private static let onInvalidFrame: nghttp2_on_invalid_frame_recv_callback = { _, _, _, userData in
    from(userData).headersEnded()
    return from(userData).counts(received: .invalid) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
  }

  private static let onFrameSent: nghttp2_on_frame_send_callback = { _, frame, userData in
    switch UInt32(frame!.pointee.hd.type) {
    case NGHTTP2_HEADERS.rawValue: from(userData).counts(sent: .headers)
    case NGHTTP2_DATA.rawValue: from(userData).counts(sent: .data)
    case NGHTTP2_RST_STREAM.rawValue:
      switch frame!.pointee.rst_stream.error_code {
      case ErrorCode.noError.rawValue, ErrorCode.cancel.rawValue: break
      case ErrorCode.refusedStream.rawValue: from(userData).counts(sent: .refusal)
      default: from(userData).counts(sent: .reset)
      }
    default: break
    }
    return 0
  }

  private static let onData: nghttp2_on_data_chunk_recv_callback = { _, _, id, bytes, count, userData in
    let session = from(userData)
    session.consumeConnection(bytes: count)
    guard let stream = session.stream(id), let handler = stream.handler, !stream.rules.isBroken else { return 0 }
    guard stream.rules.accepts(bodyBytes: count) else { return refuse(stream, session) }
    handler.received(data: ByteBuffer(bytes: UnsafeRawBufferPointer(start: bytes, count: count)))
    return 0
  }

  private static let onStreamClose: nghttp2_on_stream_close_callback = { _, id, _, userData in
    from(userData).closeStream(id)
    return 0
  }

  /// Passes a response's body to nghttp2 as it requests it.
  static let dataProvider = nghttp2_data_provider(
    source: nghttp2_data_source(),
    read_callback: { _, id, buffer, capacity, flags, _, userData in
      let session = from(userData)
      guard let stream = session.stream(id) else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
      let count = stream.takeOutbound(into: UnsafeMutableRawBufferPointer(start: buffer, count: capacity))
      if count > 0 { stream.handler?.sentBody() }
      guard stream.unsentBytes == 0 else { return count }
      guard stream.hasEnded else { return count > 0 ? count : Int(NGHTTP2_ERR_DEFERRED.rawValue) }
      flags!.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
      if let trailers = stream.trailers {
        flags!.pointee |= UInt32(NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue)
        session.submitTrailers(trailers, stream: id)
      }
      return count
    })

  /// Calls `body` with the fields in nghttp2's form; nghttp2 copies what it keeps.
  /// - Returns: the result of `body`.
  func withNameValues(_ fields: [HeaderField], _ body: (UnsafePointer<nghttp2_nv>, Int) -> Int32) -> Int32 {
    let byteCount = fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: byteCount) { bytes in
      withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: fields.count) { values in
        var offset = 0
        func place(_ text: String) -> UnsafeMutablePointer<UInt8> {
          defer { offset += text.utf8.count }
          _ = UnsafeMutableBufferPointer(rebasing: bytes[offset...]).initialize(from: text.utf8)
          return bytes.baseAddress! + offset
        }
        for (index, field) in fields.enumerated() {
          values.initializeElement(
            at: index,
            to: nghttp2_nv(
              name: place(field.name), value: place(field.value), namelen: field.name.utf8.count,
              valuelen: field.value.utf8.count, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)))
        }
        return body(values.baseAddress!, fields.count)
      }
    }
  }
}

extension ServerStream {
  /// Passes the request's complete header block to the handler.
  fileprivate func deliverHeaders(endOfStream: Bool) {
    if headersTooLarge {
      handler?.receivedTooLargeHeaders()
    } else {
      handler?.received(headers: headers, endOfStream: endOfStream)
    }
    headers = []
  }
}
