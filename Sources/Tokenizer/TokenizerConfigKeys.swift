/// What is done with the keys of the files beside the vocabulary.
public enum TokenizerConfigKeys {
  public struct Key: Sendable, Equatable {
    public let file: String
    public let name: String
    public let verdict: Verdict
    /// What it sets, why it is refused, or why it is without effect; a clause without a full stop.
    public let note: String
  }

  public enum Verdict: String, Sendable {
    case honoured
    /// Refused where it says what would change token ids.
    case refused
    case withoutEffect = "without effect"
  }

  /// Every key that is known. One that is not here, is not a token and cannot change ids is passed over.
  public static let all: [Key] = tokenizerConfig + specialTokensMap + others

  private static let tokenizerConfig: [Key] =
    [
      honoured("tokenizer_class", "BertTokenizer, DistilBertTokenizer, ElectraTokenizer, PreTrainedTokenizerFast"),
      honoured("do_lower_case", "lower case; true by default; not for PreTrainedTokenizerFast"),
      honoured("strip_accents", "accents; as the case by default; not for PreTrainedTokenizerFast"),
      honoured("tokenize_chinese_chars", "every ideograph a word; true by default; not for PreTrainedTokenizerFast"),
      honoured("model_max_length", "the longest sequence in tokens"),
      honoured("max_len", "the longest sequence, where model_max_length is not there"),
      honoured("truncation_side", "the end that a text loses tokens from"),
      honoured("model_input_names", "whether the second text of a pair is of token type 1"),
      honoured("added_tokens_decoder", "tokens that are matched in the text"),
      honoured("additional_special_tokens", "tokens that are matched in the text"),
      honoured("extra_special_tokens", "tokens that are matched in the text"),
    ]
    + SpecialTokens.keys.map { honoured($0, "a special token's name") }
    + [
      refused("auto_map", "a tokenizer of its own Python code is not run"),
      refused("init_inputs", "positional arguments of another class"),
      refused("do_basic_tokenize", "false, for words would not be split from punctuation"),
      refused("never_split", "words that are kept whole"),
      refused("split_special_tokens", "true, for special tokens would be read as text"),
      refused("add_bos_token", "true, for another token would stand in front"),
      refused("add_eos_token", "true, for another token would stand at the end"),
      refused("fast_tokenizer_files", "another file in the place of tokenizer.json"),
      refused("from_slow", "true, for tokenizer.json would be passed over"),
      refused("vocab_file", "a file elsewhere"),
      refused("tokenizer_file", "a file elsewhere"),
    ]
    + [
      withoutEffect("clean_text", "the fast tokenizers do not take it"),
      withoutEffect("wordpieces_prefix", "the fast tokenizers do not take it"),
      withoutEffect("clean_up_tokenization_spaces", "for text that is made of ids"),
      withoutEffect("max_length", "a default of calls that name no length"),
      withoutEffect("stride", "for windows over one text"),
      withoutEffect("truncation_strategy", "longest_first in every call"),
      withoutEffect("padding_side", "for sequences that are padded to one length"),
      withoutEffect("pad_to_multiple_of", "for sequences that are padded to one length"),
      withoutEffect("pad_token_type_id", "for sequences that are padded to one length"),
      withoutEffect("add_prefix_space", "for tokenizers of bytes"),
      withoutEffect("chat_template", "for conversations"),
      withoutEffect("processor_class", "the class of another file"),
      withoutEffect("name_or_path", "where the file was read from once"),
      withoutEffect("special_tokens_map_file", "where a file was once"),
      withoutEffect("backend", "the library that wrote the file"),
      withoutEffect("is_local", "where the file was read from once"),
      withoutEffect("local_files_only", "where the file was read from once"),
    ]

  private static let specialTokensMap: [Key] =
    SpecialTokens.keys.map {
      honoured(
        $0, "a special token's name, unless tokenizer_config.json has added_tokens_decoder", SpecialTokensMapFile.name)
    }
    + ["additional_special_tokens", "extra_special_tokens"].map {
      honoured(
        $0, "tokens that are matched in the text, unless tokenizer_config.json has added_tokens_decoder",
        SpecialTokensMapFile.name)
    }

  private static let others: [Key] = [
    honoured("tokenizer_class", "where tokenizer_config.json names none", ModelConfigFile.name)
  ]

  private static func honoured(_ name: String, _ note: String, _ file: String = TokenizerConfigFile.name) -> Key {
    Key(file: file, name: name, verdict: .honoured, note: note)
  }

  private static func refused(_ name: String, _ note: String) -> Key {
    Key(file: TokenizerConfigFile.name, name: name, verdict: .refused, note: note)
  }

  private static func withoutEffect(_ name: String, _ note: String) -> Key {
    Key(file: TokenizerConfigFile.name, name: name, verdict: .withoutEffect, note: note)
  }
}
