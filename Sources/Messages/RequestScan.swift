import NIOCore

/// Checks a request while it arrives: what could never be read is known before it is all there.
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
  /// - Throws: ``WireError`` naming the field.
  public mutating func scan(_ bytes: ByteBuffer) throws(WireError) {
    try scan.scan(bytes.readableBytesUInt8Span)
  }
}
