/// Measures the tokenizer on the papers of a JSONL file: `tokenizer-benchmark PAPERS.jsonl MODEL_FOLDER [PASSES]`.
///
/// A line is `{"title": …, "abstract"?: …}`. Prints one JSON object with the number of texts and tokens of a pass, and
/// the median duration of the passes.

import Tokenizer

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

struct Paper: Decodable {
  var title: String
  var abstract: String?

  func text(for tokenizer: BertTokenizer) -> String { tokenizer.joined(title: title, abstract: abstract ?? "") }
}

struct Report: Encodable {
  var texts: Int
  var tokens: Int
  var medianSeconds: Double
  var tokensPerSecond: Double

  enum CodingKeys: String, CodingKey {
    case texts, tokens
    case medianSeconds = "median_s"
    case tokensPerSecond = "tokens_per_s"
  }
}

/// Returns the texts of a JSONL file of papers, as a tokenizer's model reads them.
func readTexts(_ path: String, for tokenizer: BertTokenizer) throws -> [String] {
  let decoder = JSONDecoder()
  let lines = try Data(contentsOf: URL(filePath: path)).split(separator: UInt8(ascii: "\n"))
  return try lines.map { try decoder.decode(Paper.self, from: $0).text(for: tokenizer) }
}

/// Encodes all texts `passes` times, after one warm-up pass.
func measure(_ tokenizer: BertTokenizer, texts: [String], passes: Int) -> Report {
  func encodeAll() -> Int {
    texts.reduce(0) { $0 + tokenizer.encode($1, maxTokens: 512).ids.count }
  }
  let tokens = encodeAll()
  let clock = ContinuousClock()
  let seconds = (0..<passes).map { _ in
    clock.measure { precondition(encodeAll() == tokens, "the passes differ") } / .seconds(1)
  }
  let median = seconds.sorted()[passes / 2]
  return Report(
    texts: texts.count, tokens: tokens, medianSeconds: median, tokensPerSecond: Double(tokens) / median)
}

let arguments = CommandLine.arguments.dropFirst()
let passes = arguments.count == 3 ? Int(arguments[3]) ?? 0 : 21
guard (2...3).contains(arguments.count), passes > 0 else {
  print("usage: tokenizer-benchmark PAPERS.jsonl MODEL_FOLDER [PASSES]")
  exit(2)
}
var files: [String: [UInt8]] = [:]
for name in TokenizerFiles.names {
  files[name] = (try? Data(contentsOf: URL(filePath: arguments[2] + "/" + name))).map { Array($0) }
}
let tokenizer = try BertTokenizer(files: TokenizerFiles(files, path: arguments[2]))
let report = measure(tokenizer, texts: try readTexts(arguments[1], for: tokenizer), passes: passes)
print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
