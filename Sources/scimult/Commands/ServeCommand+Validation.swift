import ArgumentParser

/// Checks options, alone and together.
extension ServeCommand {
  func validate() throws {
    func check(_ option: String, _ value: Int, _ range: ClosedRange<Int>) throws {
      guard range.contains(value) else {
        throw ValidationError("--\(option) \(value) is outside \(range.lowerBound) … \(range.upperBound).")
      }
    }
    try check("max-batch-tokens", maxBatchTokens, 1...1 << 30)
    try check("max-queue-tokens", maxQueueTokens, 1...1 << 40)
    try check("cache-bytes", cacheBytes.value, 0...1 << 50)
    try check("max-documents", maxDocuments, 1...1 << 20)
    try check("max-message-bytes", maxMessageBytes, 1...1 << 30)
    try check("max-receive-bytes", maxReceiveBytes.value, 1...1 << 50)
    try check("max-send-bytes", maxSendBytes.value, 1...1 << 50)
    try check("max-concurrent-streams", maxConcurrentStreams, 1...1 << 20)
    try check("max-connections", maxConnections.value, 1...1 << 20)
    try check("keepalive-seconds", keepaliveSeconds, 0...86_400)
    try check("idle-seconds", idleSeconds, 0...31_536_000)
    try check("max-connection-age-seconds", maxConnectionAgeSeconds, 0...31_536_000)
    try check("preface-seconds", prefaceSeconds, 0...86_400)
    try check("header-seconds", headerSeconds, 0...86_400)
    try check("stall-seconds", stallSeconds, 0...86_400)
    try check("cancel-burst", cancelBurst, 1...1 << 30)
    try check("cancels-per-second", cancelsPerSecond, 0...1 << 30)
    try check("drain-seconds", drainSeconds, 0...86_400)
    guard (0...1).contains(requestLogSample) else {
      throw ValidationError("--request-log-sample \(requestLogSample) is outside 0 … 1.")
    }
    guard (tlsCert == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-cert and --tls-key belong together.")
    }
    guard tlsClientCa == nil || tlsCert != nil else {
      throw ValidationError("--tls-client-ca needs --tls-cert and --tls-key.")
    }
    guard !authHealth || authTokenFile != nil else {
      throw ValidationError("--auth-health needs --auth-token-file.")
    }
    guard maxReceiveBytes.value >= maxMessageBytes else {
      throw ValidationError(
        "--max-receive-bytes \(maxReceiveBytes.value) is less than --max-message-bytes \(maxMessageBytes): "
          + "the longest message could never be received.")
    }
    guard maxSendBytes.value >= maxMessageBytes else {
      throw ValidationError(
        "--max-send-bytes \(maxSendBytes.value) is less than --max-message-bytes \(maxMessageBytes): "
          + "the longest reply could never be sent.")
    }
    if modelName?.isEmpty == true || modelName?.contains("\0") == true {
      throw ValidationError("--model-name must be a text that is not empty.")
    }
  }
}
