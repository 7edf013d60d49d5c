import CSciMultProto

/// A file of `Protos/`, as reflection describes it.
public struct DescriptorFile: Sendable {
  public let name: String
  /// A serialised `google.protobuf.FileDescriptorProto`.
  public let content: [UInt8]
  /// The full names that the file declares.
  public let symbols: [String]
  /// The names of the files that it imports.
  public let imports: [String]
  /// The full names of its services.
  public let services: [String]

  /// All files.
  public static let all = UnsafeBufferPointer(
    start: scimult_descriptor_files(), count: scimult_descriptor_file_count()
  ).map(DescriptorFile.init)

  private init(_ file: scimult_descriptor_file) {
    name = String(cString: file.name)
    content = Array(UnsafeBufferPointer(start: file.content, count: file.size))
    symbols = Self.list(file.symbols)
    imports = Self.list(file.imports)
    services = Self.list(file.services)
  }

  private static func list(_ texts: UnsafePointer<UnsafePointer<CChar>?>) -> [String] {
    var texts = texts
    var list: [String] = []
    while let text = texts.pointee {
      list.append(String(cString: text))
      texts += 1
    }
    return list
  }
}
