import ArgumentParser
import Foundation
import HTTP2
import Logging
import NIOCore
import Service
import Telemetry

/// `scimult serve`: the server.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serves a model over gRPC.",
    discussion: """
      When the model is loaded and warmed up, one line on standard output says where the server answers: \
      "ready grpc=127.0.0.1:50051 admin=127.0.0.1:8080". SIGTERM and SIGINT stop it as soon as the open requests are \
      answered; a second signal stops it at once.

      Every option can come from an environment variable: --max-batch-tokens from SCIMULT_MAX_BATCH_TOKENS. The \
      option wins.

      In a container with limited memory the defaults of --cache-bytes, --max-receive-bytes, --max-send-bytes, \
      --max-connections and, at last, --threads are as much lower as they must be; a configuration that cannot fit is \
      refused.

      Examples:
        scimult serve --model models/scimult
        scimult serve --model models/scimult --listen '[::1]:0' --admin off --threads 4
        scimult serve --model models/scimult --listen unix:/run/scimult.sock --log-format json
      """)

  @OptionGroup var modelOptions: ModelOptions

  @Option(
    help: ArgumentHelp(
      """
      HOST:PORT, [IPv6]:PORT, *:PORT (all addresses of the machine, of IPv6 and IPv4) or unix:PATH; port 0 takes a \
      free one.
      """, valueName: "ADDRESS"), transform: Endpoint.init(parsing:))
  var listen = Endpoint(.hostAndPort(host: "127.0.0.1", port: 50_051))

  @Option(
    help: ArgumentHelp("The same, without unix:PATH, of /livez, /readyz and /metrics, or off.", valueName: "ADDRESS"),
    transform: AdminAddress.init(parsing:))
  var admin = AdminAddress.on(Endpoint(.hostAndPort(host: "127.0.0.1", port: 8_080)))

  @Option(help: ArgumentHelp("What responses call the model (default: the folder's name).", valueName: "NAME"))
  var modelName: String?

  @Option(help: ArgumentHelp("Tokens of one batch.", valueName: "N"))
  var maxBatchTokens = 16_384

  @Option(help: ArgumentHelp("Tokens that may wait; beyond, RESOURCE_EXHAUSTED.", valueName: "N"))
  var maxQueueTokens = 262_144

  @Option(
    help: ArgumentHelp("Memory for embeddings of texts that may come again; 0 keeps none.", valueName: "BYTES"))
  var cacheBytes = MemoryBound(byDefault: 67_108_864)

  @Option(help: ArgumentHelp("Documents in a message.", valueName: "N"))
  var maxDocuments = 1_024

  @Option(help: ArgumentHelp("Bytes of a message, both ways.", valueName: "N"))
  var maxMessageBytes = 4_194_304

  @Option(help: ArgumentHelp("Bytes of unfinished messages in the whole server.", valueName: "N"))
  var maxReceiveBytes = MemoryBound(byDefault: 268_435_456)

  @Option(
    help: ArgumentHelp(
      "Bytes of replies in the whole server, from before they are made until they are read.", valueName: "N"))
  var maxSendBytes = MemoryBound(byDefault: 268_435_456)

  @Option(help: ArgumentHelp("Streams open at once on a connection.", valueName: "N"))
  var maxConcurrentStreams = 256

  @Option(help: ArgumentHelp("Connections open at once.", valueName: "N"))
  var maxConnections = MemoryBound(byDefault: 4_096)

  @Option(
    help: ArgumentHelp(
      "The server's certificate and those that vouch for it, in PEM; without it, clear text.", valueName: "FILE"))
  var tlsCert: String?

  @Option(help: ArgumentHelp("The certificate's private key, in PEM.", valueName: "FILE"))
  var tlsKey: String?

  @Option(
    help: ArgumentHelp(
      "Certificates of which one must vouch for a client's, in PEM; without it, clients show none.",
      valueName: "FILE"))
  var tlsClientCa: String?

  @Option(
    help: ArgumentHelp(
      """
      Tokens of which a call must carry one (authorization: Bearer TOKEN), one a line, as they are or as sha256:HEX.
      """, valueName: "FILE"))
  var authTokenFile: String?

  @Flag(help: "Health checks need a token, too.")
  var authHealth = false

  @Flag(help: "Do not describe the services to tools.")
  var noReflection = false

  @Option(
    help: ArgumentHelp(
      """
      Seconds without a byte from a client before it is asked for one by a ping, which it has 20 s to answer; 0 asks \
      never.
      """, valueName: "N"))
  var keepaliveSeconds = 60

  @Option(help: ArgumentHelp("Seconds that a connection may have no open call; 0 sets no bound.", valueName: "N"))
  var idleSeconds = 300

  @Option(
    help: ArgumentHelp(
      """
      Seconds after which a connection is told to end, a tenth more or less, so that clients spread over servers \
      again; open calls go on; 0 sets no bound.
      """, valueName: "N"))
  var maxConnectionAgeSeconds = 0

  @Option(
    help: ArgumentHelp(
      "Seconds that a client may take to say that it speaks HTTP/2; 0 sets no bound.", valueName: "N"))
  var prefaceSeconds = 10

  @Option(help: ArgumentHelp("Seconds that a header block may take to arrive; 0 sets no bound.", valueName: "N"))
  var headerSeconds = 10

  @Option(
    help: ArgumentHelp(
      """
      Seconds that a message may take for its next kilobyte, and that a client may take to read some of what waits \
      for it; 0 sets no bound.
      """, valueName: "N"))
  var stallSeconds = 30

  @Option(
    help: ArgumentHelp(
      "Calls that a client may cancel at once on a connection, before the connection is closed.", valueName: "N"))
  var cancelBurst = 1_000

  @Option(help: ArgumentHelp("Calls a second that a client may cancel on a connection for ever.", valueName: "N"))
  var cancelsPerSecond = 33

  @Option(help: ArgumentHelp("Seconds that open requests have to finish when the server stops.", valueName: "N"))
  var drainSeconds = 30

  @Option(
    help: "trace, debug, info, notice, warning, error or critical.",
    transform: { text in
      guard let level = Logger.Level(rawValue: text) else {
        let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("\"\(text)\" is not a log level; known are \(known).")
      }
      return level
    })
  var logLevel = Logger.Level.info

  @Option(help: "text or json.")
  var logFormat = LogFormat.text

  @Option(help: "Requests that get a line in the log: off, errors or all.")
  var requestLog = RequestLog.Scope.off

  @Option(help: ArgumentHelp("The share of requests without an error that --request-log all logs.", valueName: "0…1"))
  var requestLogSample = 1.0

  /// The TLS files; nil without TLS.
  var tlsFiles: TLSFiles? {
    guard let tlsCert, let tlsKey else { return nil }
    return TLSFiles(certificate: tlsCert, key: tlsKey, clientAuthorities: tlsClientCa)
  }

  func run() async throws {
    let log = ServerLog(logFormat)
    log.bootstrap(level: logLevel)
    defer { log.flush() }
    do {
      try await serve(log)
    } catch {
      throw ExitCode(Exit.report(error, say: log.say))
    }
  }

  private func serve(_ log: ServerLog) async throws {
    let notifier = ServiceNotifier(environment: ProcessInfo.processInfo.environment)
    notifier.notify(.status("loading the model"))
    let credentials = try Credentials(self)
    let traces = try OTLPSettings(environment: ProcessInfo.processInfo.environment, version: Scimult.release)
    let reader = try DocumentReader(path: modelOptions.model)
    let memory = try MemoryPlan(self, reader.blueprint).fittingLimits(threads: threadsNeeded)
    let model = try ServedModel(reader, name: modelName, precision: modelOptions.precision.requested)
    try await Server(
      options: self, credentials: credentials, traces: traces, model: model, memory: memory, notifier: notifier,
      log: log
    ).run()
  }
}

extension ConnectionTimes {
  init(_ options: ServeCommand) {
    func time(_ seconds: Int) -> TimeAmount? { seconds == 0 ? nil : .seconds(Int64(seconds)) }
    self.init(
      keepalive: time(options.keepaliveSeconds), idle: time(options.idleSeconds),
      age: time(options.maxConnectionAgeSeconds), preface: time(options.prefaceSeconds),
      headers: time(options.headerSeconds), stall: time(options.stallSeconds))
  }
}

extension LogFormat: ExpressibleByArgument {}

extension RequestLog.Scope: ExpressibleByArgument {}
