/// The added and special tokens of all files, in the order in which transformers adds them.
struct TokenDeclarations {
  private struct Declaration {
    var token: AddedToken
    /// The id that a file gives the token; nil if none does.
    var id: Int32?
    /// The file that names the token. It is nil for a default token, which is omitted if the vocabulary lacks it.
    var file: FolderFile?
  }

  private let folder: String
  private var declarations: [Declaration] = []
  private var indices: [[UInt8]: Int] = [:]
  /// The special tokens with a role, by key, without removed ones.
  private var named: [String: String] = [:]

  init(
    _ files: TokenizerFiles, configuration: TokenizerConfigFile?, tokenizer: TokenizerFile?,
    tokenizerClass: TokenizerClass
  ) throws(TokenizerError) {
    self.folder = files.path
    // With added_tokens_decoder, the two older files do not count.
    let isLegacy = configuration?.addedTokens == nil
    let mapFile = files[SpecialTokensMapFile.name]
    let listFile = files[AddedTokensFile.name]
    var sources: [SpecialTokens.Source] = []
    if let mapFile, isLegacy { sources.append((try SpecialTokensMapFile.tokens(of: mapFile), mapFile)) }
    if let configuration { sources.append((configuration.specialTokens, configuration.file)) }
    let special = Self.specialTokens(sources, tokenizerClass)
    let extra = try Self.extraTokens(sources)

    if let tokenizer {
      for (token, id) in tokenizer.addedTokens { try declare(token, id, in: tokenizer.file) }
    }
    if let configuration {
      for (token, id) in configuration.addedTokens ?? [] { try declare(token, id, in: configuration.file) }
      try refuseTokens(of: tokenizer, missingIn: configuration, tokenizerClass, besides: special, extra)
    }
    if let listFile, isLegacy {
      let names = Set((special.compactMap(\.token) + extra.map(\.token)).map { Array($0.content.utf8) })
      for (content, id) in try AddedTokensFile.tokens(of: listFile) {
        let isSpecial = names.contains(Array(content.utf8))
        try declare(AddedToken(listed: content, isSpecial: isSpecial), id, in: listFile)
      }
    }
    for (key, token, file) in special {
      guard let token else { continue }
      named[key] = token.content
      try declare(token, nil, in: file)
    }
    for (token, file) in extra { try declare(token, nil, in: file) }
    for (key, token) in configuration?.otherTokens ?? [] where indices[Array(token.content.utf8)] == nil {
      throw TokenizerError(
        file: configuration?.file.path ?? folder,
        reason:
          "\(key): transformers 4 and 5 differ in whether this is a special token; list it in added_tokens_decoder")
    }
  }

  /// The tokens with a role, in order, and the files that name them: the first source with the key.
  private static func specialTokens(
    _ sources: [SpecialTokens.Source], _ tokenizerClass: TokenizerClass
  ) -> [(key: String, token: AddedToken?, file: FolderFile?)] {
    SpecialTokens.keys.compactMap { key in
      for source in sources {
        if let token = source.tokens.named[key] { return (key, token, source.file) }
      }
      guard case .bert = tokenizerClass, let name = SpecialTokens.defaults[key] else { return nil }
      return (key, AddedToken(special: name), nil)
    }
  }

  /// The special tokens without a role. Lists that differ are refused, because it depends on the version which one
  /// counts.
  private static func extraTokens(
    _ sources: [SpecialTokens.Source]
  ) throws(TokenizerError) -> [(token: AddedToken, file: FolderFile)] {
    var result: (tokens: [AddedToken], file: FolderFile)?
    for (tokens, file) in sources {
      for list in [tokens.additional, tokens.extra].compactMap(\.self) where !list.isEmpty {
        guard list == result?.tokens ?? list else {
          throw file.error("additional_special_tokens or extra_special_tokens differs from another such list; keep one")
        }
        result = (list, file)
      }
    }
    guard let result else { return [] }
    return result.tokens.map { ($0, result.file) }
  }

  /// If `added_tokens_decoder` is there, transformers 5 builds BERT's classes without the added tokens of
  /// `tokenizer.json`, and transformers 4 with them.
  private func refuseTokens(
    of tokenizer: TokenizerFile?, missingIn configuration: TokenizerConfigFile, _ tokenizerClass: TokenizerClass,
    besides special: [(key: String, token: AddedToken?, file: FolderFile?)],
    _ extra: [(token: AddedToken, file: FolderFile)]
  ) throws(TokenizerError) {
    guard case .bert = tokenizerClass, let decoder = configuration.addedTokens else { return }
    let tokens = decoder.map(\.token) + special.compactMap(\.token) + extra.map(\.token)
    let names = Set(tokens.map { Array($0.content.utf8) })
    for (token, _) in tokenizer?.addedTokens ?? [] where !names.contains(Array(token.content.utf8)) {
      throw configuration.file.error(
        "added_tokens_decoder lacks \"\(token.content)\", which \(TokenizerFile.name) lists under added_tokens")
    }
  }

  private mutating func declare(_ token: AddedToken, _ id: Int32?, in file: FolderFile?) throws(TokenizerError) {
    let content = Array(token.content.utf8)
    guard !content.isEmpty else { return }
    guard let index = indices[content] else {
      indices[content] = declarations.count
      declarations.append(Declaration(token: token, id: id, file: file))
      return
    }
    let known = declarations[index]
    if let file {
      let other = known.file?.path ?? file.path
      if let id, let knownID = known.id, id != knownID {
        throw file.error("the added token \"\(token.content)\" has id \(id) here and \(knownID) in \(other)")
      }
      if !token.saysNameOnly, token != known.token {
        throw file.error("the added token \"\(token.content)\" differs from \(other) in normalized or single_word")
      }
    }
    if known.id == nil { declarations[index].id = id }
  }

  /// The name of the special token with this role.
  func name(of key: String) throws(TokenizerError) -> String {
    guard let known = named[key] else {
      throw TokenizerError(file: folder, reason: "\(key) is null, but it is needed")
    }
    return known
  }

  /// The tokens with their ids: the vocabulary's id, or the next free one. A file with another id is refused.
  func assigned(to vocabulary: [(bytes: [UInt8], id: Int32)]) throws(TokenizerError) -> [(token: AddedToken, id: Int32)]
  {
    let ids = Dictionary(vocabulary.map { ($0.bytes, $0.id) }, uniquingKeysWith: { $1 })
    var next = Int32(ids.count)
    var tokens: [(token: AddedToken, id: Int32)] = []
    for declaration in declarations {
      let token = declaration.token
      let known = ids[Array(token.content.utf8)]
      guard let file = declaration.file else {
        if let known { tokens.append((token, known)) }
        continue
      }
      let id = known ?? next
      if known == nil { next += 1 }
      if let declared = declaration.id, declared != id {
        let reason = known == nil ? "the next free id is \(id)" : "the vocabulary has it as \(id)"
        throw file.error("the added token \"\(token.content)\" has id \(declared), but \(reason)")
      }
      tokens.append((token, id))
    }
    return tokens
  }
}
