import CProtobufC
import CSciMultProto
import NIOCore

/// One embedding of a reply, in the requested format.
public struct Embedding: Sendable, Equatable {
  public enum Payload: Sendable, Equatable {
    case values([Float])
    case data([UInt8])
    /// value = byte × scale
    case scaled([UInt8], scale: Float)
  }

  public var id: String
  public var payload: Payload
  /// The number of encoded tokens, including [CLS] and [SEP].
  public var tokens: Int
  public var truncated: Bool

  public init(id: String, payload: Payload, tokens: Int, truncated: Bool) {
    self.id = id
    self.payload = payload
    self.tokens = tokens
    self.truncated = truncated
  }
}

/// Why a request on a stream failed.
public struct StreamStatus: Sendable, Equatable {
  /// A gRPC status code.
  public var code: Int32
  public var message: String

  public init(code: Int32, message: String) {
    self.code = code
    self.message = message
  }
}

public struct EncodeResponse: Sendable, Equatable {
  public var requestID: String
  public var model: String
  public var embeddings: [Embedding]
  /// nil if the request succeeded.
  public var status: StreamStatus?
  /// The fingerprint of the model's description.
  public var fingerprint: String

  public init(
    requestID: String, model: String, embeddings: [Embedding] = [], status: StreamStatus? = nil,
    fingerprint: String = ""
  ) {
    self.requestID = requestID
    self.model = model
    self.embeddings = embeddings
    self.status = status
    self.fingerprint = fingerprint
  }
}

public struct RankedCandidate: Sendable, Equatable {
  /// The candidate's position in the request.
  public var index: Int
  public var id: String
  public var score: Float
  /// The candidate itself, if the request asked for it.
  public var document: Document?

  public init(index: Int, id: String, score: Float, document: Document?) {
    self.index = index
    self.id = id
    self.score = score
    self.document = document
  }
}

public struct RankResponse: Sendable, Equatable {
  public var requestID: String
  public var model: String
  public var results: [RankedCandidate]
  /// nil if the request succeeded.
  public var status: StreamStatus?
  /// The fingerprint of the model's description.
  public var fingerprint: String

  public init(
    requestID: String, model: String, results: [RankedCandidate] = [], status: StreamStatus? = nil,
    fingerprint: String = ""
  ) {
    self.requestID = requestID
    self.model = model
    self.results = results
    self.status = status
    self.fingerprint = fingerprint
  }
}

/// The part of a model that serves one role of a task.
public struct ModelExpert: Sendable, Equatable {
  /// The task's name.
  public var task: String
  /// A number of the contract's `Role`.
  public var role: Int32
  /// The name in the model's own files.
  public var name: String

  public init(task: String, role: Int32, name: String) {
    self.task = task
    self.role = role
    self.name = name
  }
}

/// The description of the server's model.
public struct ModelDescription: Sendable, Equatable {
  public var name: String
  public var architecture: String
  public var dimensions: Int
  public var maxTokens: Int
  public var layers: Int
  /// Numbers of the contract's `Task`, which does not have all tasks.
  public var tasks: [Int32]
  public var precision: String
  public var similarity: String
  public var maxDocuments: Int
  public var maxMessageBytes: Int
  /// Equal fingerprints mean that vectors can be compared.
  public var fingerprint: String
  public var experts: [ModelExpert]
  /// The names of all tasks.
  public var taskNames: [String]

  public init(
    name: String, architecture: String, dimensions: Int, maxTokens: Int, layers: Int, tasks: [Int32],
    precision: String, similarity: String, maxDocuments: Int, maxMessageBytes: Int, fingerprint: String = "",
    experts: [ModelExpert] = [], taskNames: [String] = []
  ) {
    self.name = name
    self.architecture = architecture
    self.dimensions = dimensions
    self.maxTokens = maxTokens
    self.layers = layers
    self.tasks = tasks
    self.precision = precision
    self.similarity = similarity
    self.maxDocuments = maxDocuments
    self.maxMessageBytes = maxMessageBytes
    self.fingerprint = fingerprint
    self.experts = experts
    self.taskNames = taskNames
  }
}

extension EncodeResponse {
  /// The serialised message.
  public func wire() -> ByteBuffer {
    let arena = MessageArena.forReply()
    var message = Scimult__V1__EncodeResponse()
    scimult__v1__encode_response__init(&message)
    message.request_id = arena.string(requestID)
    message.model = arena.string(model)
    let values = arena.messages(embeddings.count, initialize: scimult__v1__embedding__init)
    for (index, embedding) in embeddings.enumerated() { embedding.fill(&values[index], arena) }
    message.embeddings = arena.pointers(to: values, count: embeddings.count)
    message.n_embeddings = embeddings.count
    message.status = status.map { $0.message(arena) }
    message.fingerprint = arena.string(fingerprint)
    return pack(&message.base, keeping: arena)
  }
}

extension RankResponse {
  /// The serialised message.
  public func wire() -> ByteBuffer {
    let arena = MessageArena.forReply()
    var message = Scimult__V1__RankResponse()
    scimult__v1__rank_response__init(&message)
    message.request_id = arena.string(requestID)
    message.model = arena.string(model)
    let values = arena.messages(results.count, initialize: scimult__v1__ranked_candidate__init)
    for (index, result) in results.enumerated() {
      values[index].index = UInt32(result.index)
      values[index].id = arena.string(result.id)
      values[index].score = result.score
      values[index].document = result.document.map { $0.message(arena) }
    }
    message.results = arena.pointers(to: values, count: results.count)
    message.n_results = results.count
    message.status = status.map { $0.message(arena) }
    message.fingerprint = arena.string(fingerprint)
    return pack(&message.base, keeping: arena)
  }
}

extension ModelDescription {
  /// The serialised message.
  public func wire() -> ByteBuffer {
    let arena = MessageArena.forReply()
    var message = Scimult__V1__Model()
    scimult__v1__model__init(&message)
    message.name = arena.string(name)
    message.architecture = arena.string(architecture)
    message.dimensions = UInt32(dimensions)
    message.max_tokens = UInt32(maxTokens)
    message.layers = UInt32(layers)
    message.tasks = arena.copy(tasks.map { Scimult__V1__Task(rawValue: UInt32(bitPattern: $0)) })
    message.n_tasks = tasks.count
    message.precision = arena.string(precision)
    message.similarity = arena.string(similarity)
    message.max_documents = UInt32(maxDocuments)
    message.max_message_bytes = UInt64(maxMessageBytes)
    message.fingerprint = arena.string(fingerprint)
    let values = arena.messages(experts.count, initialize: scimult__v1__expert__init)
    for (index, expert) in experts.enumerated() { expert.fill(&values[index], arena) }
    message.experts = arena.pointers(to: values, count: experts.count)
    message.n_experts = experts.count
    message.task_names = arena.strings(taskNames)
    message.n_task_names = taskNames.count
    return pack(&message.base, keeping: arena)
  }
}

extension ModelExpert {
  fileprivate func fill(_ message: inout Scimult__V1__Expert, _ arena: MessageArena) {
    message.task = arena.string(task)
    message.role = Scimult__V1__Role(rawValue: UInt32(bitPattern: role))
    message.name = arena.string(name)
  }
}

extension StreamStatus {
  fileprivate func message(_ arena: MessageArena) -> UnsafeMutablePointer<Scimult__V1__Status> {
    let status = arena.messages(1, initialize: scimult__v1__status__init)
    status.pointee.code = code
    status.pointee.message = arena.string(message)
    return status
  }
}

extension Embedding {
  fileprivate func fill(_ message: inout Scimult__V1__Embedding, _ arena: MessageArena) {
    message.id = arena.string(id)
    message.tokens = UInt32(tokens)
    message.truncated = truncated ? 1 : 0
    switch payload {
    case .values(let values):
      message.values = arena.copy(values)
      message.n_values = values.count
    case .data(let bytes):
      message.data = ProtobufCBinaryData(len: bytes.count, data: arena.copy(bytes))
    case .scaled(let bytes, let scale):
      message.data = ProtobufCBinaryData(len: bytes.count, data: arena.copy(bytes))
      message.scale = scale
    }
  }
}

extension Document {
  fileprivate func message(_ arena: MessageArena) -> UnsafeMutablePointer<Scimult__V1__Document> {
    let message = arena.messages(1, initialize: scimult__v1__document__init)
    message.pointee.id = arena.string(id)
    switch content {
    case .text(let text):
      message.pointee.content_case = SCIMULT__V1__DOCUMENT__CONTENT_TEXT
      message.pointee.text = arena.string(text)
    case .paper(let title, let abstract):
      let paper = arena.messages(1, initialize: scimult__v1__paper__init)
      paper.pointee.title = arena.string(title)
      paper.pointee.abstract = arena.string(abstract)
      message.pointee.content_case = SCIMULT__V1__DOCUMENT__CONTENT_PAPER
      message.pointee.paper = paper
    case nil: break
    }
    return message
  }
}

extension MessageArena {
  /// An array of pointers to consecutive messages, in protobuf-c's form of repeated fields.
  func pointers<Message>(
    to messages: UnsafeMutablePointer<Message>, count: Int
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<Message>?> {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<Message>?> = array(count)
    for index in 0..<count { pointers[index] = messages + index }
    return pointers
  }
}

/// Serialises a message whose fields are in the arena.
func pack(_ message: UnsafePointer<ProtobufCMessage>, keeping arena: MessageArena) -> ByteBuffer {
  withExtendedLifetime(arena) {
    let size = protobuf_c_message_get_packed_size(message)
    var buffer = ByteBuffer()
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { raw in
      protobuf_c_message_pack(message, raw.bindMemory(to: UInt8.self).baseAddress)
    }
    return buffer
  }
}
