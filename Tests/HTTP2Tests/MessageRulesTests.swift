import Testing

@testable import HTTP2

/// The valid parts of a request's message.
@Suite struct MessageRulesTests {
  private static let request = [
    HeaderField(":method", "POST"), HeaderField(":scheme", "http"), HeaderField(":path", "/t.T/One"),
    HeaderField(":authority", "localhost"), HeaderField("te", "trailers"),
  ]

  /// Whether a header block is allowed.
  private func accepts(_ fields: [HeaderField], endOfStream: Bool = true) -> Bool {
    var rules = MessageRules()
    return fields.allSatisfy { rules.accepts($0) } && rules.acceptsEndOfHeaders(endOfStream: endOfStream)
  }

  private func request(without name: String) -> [HeaderField] { Self.request.filter { $0.name != name } }

  private func request(_ name: String, _ value: String) -> [HeaderField] {
    Self.request.map { $0.name == name ? HeaderField(name, value) : $0 }
  }

  @Test func aCallIsAllowed() {
    #expect(accepts(Self.request))
    #expect(accepts(Self.request, endOfStream: false))
  }

  @Test(arguments: ["", "/tmp/x.sock", "unix:/x", "%2Ftmp%2Fx.sock", "localhost:1", "a b"])
  func anyAuthorityIsAllowed(authority: String) {
    #expect(accepts(request(":authority", authority)))
    #expect(accepts(request(without: ":authority") + [HeaderField("host", authority)]))
  }

  @Test func noAuthorityIsAllowed() {
    #expect(accepts(request(without: ":authority")))
  }

  @Test(arguments: [":method", ":scheme", ":path"])
  func otherFieldsOfHTTP2AreNeededAndComeOnce(name: String) {
    #expect(!accepts(request(without: name)))
    #expect(!accepts([Self.request.first { $0.name == name }!] + Self.request))
  }

  @Test func noAuthorityIsDoubled() {
    #expect(!accepts([HeaderField(":authority", "other")] + Self.request))
    #expect(!accepts(Self.request + [HeaderField("host", "a"), HeaderField("host", "a")]))
  }

  @Test func fieldsOfHTTP2ComeFirst() {
    #expect(!accepts(Array(Self.request.reversed())))
    #expect(!accepts(Self.request + [HeaderField(":protocol", "x")]))
    #expect(!accepts([HeaderField(":status", "200")] + Self.request))
  }

  @Test(arguments: ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"])
  func fieldsOfAConnectionAreRefused(name: String) {
    #expect(!accepts(Self.request + [HeaderField(name, "x")]))
  }

  @Test(arguments: [("trailers", true), ("Trailers", true), ("gzip", false), ("", false)])
  func teMustBeTrailers(value: String, isAllowed: Bool) {
    #expect(accepts(request("te", value)) == isAllowed)
  }

  @Test(arguments: [("*", "OPTIONS", true), ("*", "POST", false), ("x", "POST", false), ("", "POST", false)])
  func thePathIsAbsoluteOrAsksForTheServer(path: String, method: String, isAllowed: Bool) {
    let fields = request(":path", path).map { $0.name == ":method" ? HeaderField(":method", method) : $0 }
    #expect(accepts(fields) == isAllowed)
  }

  @Test(arguments: [("http", true), ("HTTPS", true), ("a+b-c.9", true), ("", false), ("9", false), ("a b", false)])
  func theSchemeIsOne(scheme: String, isAllowed: Bool) {
    #expect(accepts(request(":scheme", scheme)) == isAllowed)
  }

  @Test func aTunnelHasAnAuthorityAlone() {
    let tunnel = [HeaderField(":method", "CONNECT"), HeaderField(":authority", "a:1")]
    #expect(accepts(tunnel))
    #expect(!accepts(tunnel + [HeaderField(":path", "/")]))
    #expect(!accepts([HeaderField(":method", "CONNECT")]))
  }

  @Test(arguments: ["", "x", "-1", "+1", "99999999999999999999"])
  func aLengthIsANumber(text: String) {
    #expect(!accepts(Self.request + [HeaderField("content-length", text)], endOfStream: false))
  }

  @Test(arguments: [(0, true), (4, false), (5, false), (6, false)])
  func theBodyHasItsLength(announced: Int, isAllowedEmpty: Bool) {
    let fields = Self.request + [HeaderField("content-length", "\(announced)")]
    #expect(accepts(fields) == isAllowedEmpty)
    var rules = MessageRules()
    #expect(fields.allSatisfy { rules.accepts($0) } && rules.acceptsEndOfHeaders(endOfStream: false))
    #expect(rules.accepts(bodyBytes: 3) == (announced >= 3))
    #expect(rules.accepts(bodyBytes: 2) == (announced >= 5))
    #expect(rules.acceptsEnd() == (announced == 5))
    #expect(rules.isBroken == (announced != 5))
  }

  @Test func trailersEndTheMessageAndHoldNothingOfHTTP2() {
    func accepts(trailers: [HeaderField], endOfStream: Bool = true) -> Bool {
      var rules = MessageRules()
      guard Self.request.allSatisfy({ rules.accepts($0) }), rules.acceptsEndOfHeaders(endOfStream: false) else {
        return false
      }
      return trailers.allSatisfy { rules.accepts($0) } && rules.acceptsEndOfHeaders(endOfStream: endOfStream)
    }
    #expect(accepts(trailers: [HeaderField("x", "y")]))
    #expect(!accepts(trailers: [HeaderField("x", "y")], endOfStream: false))
    #expect(!accepts(trailers: [HeaderField(":path", "/")]))
  }
}
