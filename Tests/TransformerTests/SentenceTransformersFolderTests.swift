import Checkpoint
import Testing

@testable import Transformer

/// The files that sentence-transformers adds to a BERT folder. The golden variants test their effect on vectors.
@Suite struct SentenceTransformersFolderTests {
  private static func read(_ files: [String: String]) throws -> SentenceTransformersFolder {
    let builder = try ModelFolderBuilder()
    for (name, text) in files { try builder.write(name, text) }
    return try SentenceTransformersFolder(folder: builder.folder())
  }

  private static func modules(_ kinds: String...) -> String {
    let modules = kinds.enumerated().map { index, kind in
      "{\"idx\": \(index), \"name\": \"\(index)\", \"path\": \"\(index == 0 ? "" : "\(index)_\(kind)")\", "
        + "\"type\": \"sentence_transformers.models.\(kind)\"}"
    }
    return "[" + modules.joined(separator: ", ") + "]"
  }

  private static func pooling(_ config: String) throws -> Head? {
    try read(["modules.json": modules("Transformer", "Pooling"), "1_Pooling/config.json": config]).head
  }

  @Test func aPlainFolderHasNone() throws {
    let files = try Self.read([:])
    #expect(files.head == nil && files.prompts.isEmpty && files.similarity == nil && !files.lowercases)
    #expect(files.maxTokens(positions: 128) == 128)
  }

  @Test(arguments: [
    (#"{"pooling_mode_cls_token": true}"#, [Pooling.Method.cls]), (#"{"pooling_mode_mean_tokens": 1}"#, [.mean]),
    (#"{"pooling_mode": "max"}"#, [.max]), (#"{"pooling_mode": ["lasttoken", "cls"]}"#, [.last, .cls]),
    ("{}", [.mean]), (#"{"pooling_mode_cls_token": false}"#, [.mean]), (#"{"pooling_mode_max_tokens": null}"#, [.mean]),
    (
      #"{"pooling_mode_lasttoken": true, "pooling_mode_cls_token": true, "pooling_mode_max_tokens": true}"#,
      [.cls, .max, .last]
    ),
    (#"{"pooling_mode": "mean", "pooling_mode_cls_token": true}"#, [.mean]),
    (#"{"pooling_mode": null, "pooling_mode_cls_token": true}"#, [.cls]),
  ])
  func everySpellingOfPoolingIsRead(config: String, methods: [Pooling.Method]) throws {
    #expect(try Self.pooling(config)?.pooling == Pooling(methods: methods))
  }

  @Test(arguments: [
    ("{}", true), (#"{"include_prompt": 1}"#, true), (#"{"include_prompt": false}"#, false),
    (#"{"include_prompt": null}"#, false),
  ])
  func whetherPromptsArePooledIsRead(config: String, pools: Bool) throws {
    #expect(try Self.pooling(config)?.poolsPrompt == pools)
  }

  @Test func aNameOfTwoModulesIsRefused() throws {
    let modules = Self.modules("Transformer", "Pooling", "Normalize")
      .replacing(#""name": "2""#, with: #""name": "1""#)
    let error = try #require(throws: ModelError.self) {
      try Self.read(["modules.json": modules, "1_Pooling/config.json": "{}"])
    }
    #expect(error.entry == "[2].name")
  }

  @Test func stepsBehindPoolingKeepTheirOrder() throws {
    let files = try Self.read([
      "modules.json": Self.modules("Transformer", "Pooling", "Dropout", "Normalize"), "1_Pooling/config.json": "{}",
      "config_sentence_transformers.json": #"{"truncate_dim": 5}"#,
    ])
    #expect(files.head?.steps == [.normalize])
    #expect(files.head?.truncatedDimensions == 5)
    #expect(files.head?.isNormalized == false)
  }

  @Test func thePoolingFolderIsReadWithoutModulesToo() throws {
    #expect(try Self.read(["1_Pooling/config.json": #"{"pooling_mode_mean_tokens": true}"#]).head?.pooling == .mean)
  }

  @Test(
    arguments: [
      (#"{"query": "q: ", "document": "d: ", "passage": "p: "}"#, "null", "q: ", "d: "),
      (#"{"passage": "p: "}"#, "null", nil, "p: "), (#"{"corpus": "c: "}"#, "null", nil, "c: "),
      (#"{"a": "x "}"#, #""a""#, "x ", "x "), (#"{"query": "", "a": "x "}"#, #""a""#, "x ", "x "),
      (#"{"query": "q: ", "document": "", "a": "x "}"#, #""a""#, "q: ", "x "),
      (#"{"query": "q: ", "document": ""}"#, #""query""#, "q: ", ""), (#"{"query": "q: "}"#, #""query""#, "q: ", "q: "),
      (#"{"query": "", "document": "", "passage": "p: "}"#, #""passage""#, "", "p: "),
      (#"{"query": null}"#, "null", "", nil), ("{}", "null", nil, nil), ("{}", #""query""#, nil, nil),
    ] as [(String, String, String?, String?)])
  func promptsAreTakenByRole(prompts: String, byDefault: String, query: String?, candidate: String?) throws {
    let files = try Self.read([
      "config_sentence_transformers.json": #"{"prompts": \#(prompts), "default_prompt_name": \#(byDefault)}"#
    ])
    #expect(files.prompts[.query] == query)
    #expect(files.prompts[.candidate] == candidate)
  }

  @Test func aPromptByDefaultThatNoRoleNeedsIsUnread() throws {
    let files = try Self.read([
      "config_sentence_transformers.json":
        #"{"prompts": {"query": "q: ", "document": "d: ", "a": "x "}, "default_prompt_name": "a"}"#
    ])
    #expect(files.unreadPrompts == ["a"])
  }

  @Test(arguments: [
    ([:], 128), (["sentence_bert_config.json": #"{"max_seq_length": 100}"#], 100),
    (["sentence_bert_config.json": #"{"max_seq_length": 256}"#], 128),
    (["sentence_bert_config.json": #"{"max_seq_length": null}"#], 128),
    (["tokenizer_config.json": #"{"model_max_length": 64}"#], 64),
    (["tokenizer_config.json": #"{"model_max_length": 1e30}"#], 128),
    (["tokenizer_config.json": #"{"max_len": 64}"#], 64),
    (["tokenizer_config.json": #"{"max_len": 64, "model_max_length": 70}"#], 70),
    (["sentence_roberta_config.json": #"{"max_seq_length": 90}"#], 90),
    (
      ["sentence_bert_config.json": "{}", "sentence_xlnet_config.json": #"{"max_seq_length": 90}"#], 90
    ),
    (
      [
        "sentence_distilbert_config.json": #"{"max_seq_length": 90}"#,
        "sentence_bert_config.json": #"{"max_seq_length": 100}"#,
      ], 100
    ),
    (["tokenizer_config.json": #"{"model_max_length": null, "max_len": 32.0}"#], 32),
    (
      ["tokenizer_config.json": #"{"model_max_length": 64}"#, "sentence_bert_config.json": #"{"max_seq_length": 80}"#],
      80
    ),
  ])
  func theLongestTextIsRead(files: [String: String], tokens: Int) throws {
    #expect(try Self.read(files).maxTokens(positions: 128) == tokens)
  }

  @Test(arguments: [
    ("sentence_bert_config.json", #"{"max_seq_length": 1}"#, "max_seq_length"),
    ("sentence_bert_config.json", #"{"do_lower_case": "yes"}"#, "do_lower_case"),
    ("sentence_bert_config.json", #"{"transformer_task": "fill-mask"}"#, "transformer_task"),
    ("sentence_bert_config.json", #"{"module_output_name": "sentence_embedding"}"#, "module_output_name"),
    ("sentence_bert_config.json", #"{"model_args": {"attn_implementation": "eager"}}"#, "model_args"),
    ("sentence_bert_config.json", #"{"query_length": 32}"#, "query_length"),
    ("config_sentence_transformers.json", #"{"similarity_fn_name": "manhattan"}"#, "similarity_fn_name"),
    ("config_sentence_transformers.json", #"{"truncate_dim": 0}"#, "truncate_dim"),
    ("config_sentence_transformers.json", #"{"prompts": {"query": 1}}"#, "prompts.query"),
    ("config_sentence_transformers.json", #"{"default_prompt_name": "a"}"#, "default_prompt_name"),
    ("config_sentence_transformers.json", #"{"model_type": "SparseEncoder"}"#, "model_type"),
    ("tokenizer_config.json", #"{"model_max_length": 0}"#, "model_max_length"),
    ("tokenizer_config.json", #"{"model_max_length": "512"}"#, "model_max_length"),
    ("tokenizer_config.json", #"{"max_len": 12.5}"#, "max_len"),
    ("1_Pooling/config.json", #"{"pooling_mode": "median"}"#, "pooling_mode"),
    ("1_Pooling/config.json", #"{"pooling_mode": []}"#, "pooling_mode"),
    ("1_Pooling/config.json", #"{"pooling_mode": [1]}"#, "pooling_mode[0]"),
    ("1_Pooling/config.json", #"{"pooling_mode_cls_token": "yes"}"#, "pooling_mode_cls_token"),
    ("1_Pooling/config.json", #"{"pooling_mode_median": true}"#, "pooling_mode_median"),
    ("1_Pooling/config.json", #"{"include_prompt": "no"}"#, "include_prompt"),
  ])
  func whatIsNotServedIsNamed(file: String, text: String, entry: String) throws {
    let error = try #require(throws: ModelError.self) { try Self.read([file: text]) }
    #expect(error.file.hasSuffix("/" + file))
    #expect(error.entry == entry)
  }

  @Test(
    arguments: [
      modules("Transformer", "LSTM", "Pooling"), modules("Transformer"), modules("Pooling", "Transformer"),
      modules("Transformer", "Normalize", "Pooling"), modules("Transformer", "Pooling", "Pooling"),
      modules("Transformer", "Transformer", "Pooling"), "{}", "[{}]", "[", "[]",
      #"[{"path": "", "type": "custom_st.Transformer"}]"#, #"[{"path": "", "type": "Transformer"}]"#,
    ])
  func modulesThatAreNotServedAreRefused(modules: String) throws {
    let error = try #require(throws: ModelError.self) {
      try Self.read(["modules.json": modules, "1_Pooling/config.json": "{}", "2_Pooling/config.json": "{}"])
    }
    #expect(error.file.hasSuffix("/modules.json") || error.file.hasSuffix("config.json"))
  }

  /// scimult.json has precedence over the folder's settings, even if the folder's are not supported.
  @Test func aSimilarityThatIsNotServedCanBeReplaced() throws {
    let builder = try ModelFolderBuilder()
    try builder.write("config_sentence_transformers.json", #"{"similarity_fn_name": "euclidean"}"#)
    let files = try SentenceTransformersFolder(folder: builder.folder(), similarity: .cosine)
    #expect(files.similarity == .cosine)
  }

  @Test func aPoolingFolderThatIsMissingIsNamed() throws {
    let error = try #require(throws: ModelError.self) {
      try Self.read(["modules.json": Self.modules("Transformer", "Pooling")])
    }
    #expect(error.file.hasSuffix("/1_Pooling/config.json"))
  }

  @Test func aPathOutsideOfTheFolderIsRefused() {
    let modules = #"[{"path": "../../etc", "type": "sentence_transformers.models.Transformer"}]"#
    #expect(throws: ModelError.self) { try Self.read(["modules.json": modules]) }
  }
}
