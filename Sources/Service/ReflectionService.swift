import GRPC
import Messages
import NIOCore

/// `grpc.reflection.v1.ServerReflection`, and v1alpha with the same messages: describes the server's services to tools
/// such as grpcurl.
struct ReflectionService: Sendable {
  private let files: [String: DescriptorFile]
  /// The names of files by the full names that they declare.
  private let declaringFile: [String: String]
  private let services: [String]

  init(_ all: [DescriptorFile] = DescriptorFile.all) {
    files = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
    declaringFile = Dictionary(uniqueKeysWithValues: all.flatMap { file in file.symbols.map { ($0, file.name) } })
    services = all.flatMap(\.services).sorted()
  }

  func answer(_ request: Request) {
    defer { request.messageIsConsumed() }
    do throws(Status) {
      let message = try request.message()
      let question = try Status.reading { () throws(WireError) in try ReflectionRequest(wire: message) }
      request.respond(.success(ReflectionResponse(to: question, content: content(question.question)).wire()))
    } catch {
      request.respond(.failure(error))
    }
  }

  private func content(_ question: ReflectionRequest.Question?) -> ReflectionResponse.Content {
    switch question {
    case .services: return .services(services)
    case .fileByName(let name):
      guard files[name] != nil else { return Self.notFound("file \(name.prefix(200))") }
      return .files(withImports(of: name))
    case .fileContainingSymbol(let symbol):
      guard let name = declaringFile[symbol] else { return Self.notFound("symbol \(symbol.prefix(200))") }
      return .files(withImports(of: name))
    case .fileContainingExtension(let type, let number):
      return Self.notFound("extension \(number) of \(type.prefix(200))")
    case .extensionNumbers(let type): return Self.notFound("extension of \(type.prefix(200))")
    case nil:
      return .error(code: Status.Code.invalidArgument.rawValue, message: "the request asks nothing that is known")
    }
  }

  /// A file, followed by all files that it needs, each once.
  private func withImports(of name: String) -> [[UInt8]] {
    var names = [name]
    var index = 0
    while index < names.count {
      for other in files[names[index]]?.imports ?? [] where !names.contains(other) { names.append(other) }
      index += 1
    }
    return names.compactMap { files[$0]?.content }
  }

  private static func notFound(_ what: String) -> ReflectionResponse.Content {
    .error(code: Status.Code.notFound.rawValue, message: "there is no \(what)")
  }
}

extension Router {
  /// The methods of reflection, in both its versions.
  public static let reflection: Router = {
    let service = ReflectionService()
    return Router(methods: [
      "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo": .stream(service.answer),
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": .stream(service.answer),
    ])
  }()
}
