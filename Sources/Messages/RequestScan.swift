import NIOCore

/// Checks a request while it arrives, so that the server can refuse an invalid one before it is complete.
public struct RequestScan: Sendable {
  private var scan: WireScan

  private init(_ schema: WireSchema, maxDocuments: Int) {
    scan = WireScan(schema, maxDocuments: maxDocuments)
  }

  public static func encodeRequest(maxDocuments: Int) -> RequestScan {
    RequestScan(.encodeRequest, maxDocuments: maxDocuments)
  }

  public static func rankRequest(maxDocuments: Int) -> RequestScan {
    RequestScan(.rankRequest, maxDocuments: maxDocuments)
  }

  /// Checks the next bytes of the message.
  /// - Throws: ``WireError`` with the field.
  public mutating func scan(_ bytes: ByteBuffer) throws(WireError) {
    try scan.scan(bytes.readableBytesUInt8Span)
  }
}
