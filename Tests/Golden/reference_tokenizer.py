"""Hugging Face's BertTokenizerFast, assembled from parts of the `tokenizers` package."""

from dataclasses import dataclass

from tokenizers import AddedToken, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


@dataclass(frozen=True)
class Tokens:
    input_ids: list[int]
    truncated: bool


class ReferenceTokenizer:
    def __init__(self, vocabulary: list[str], lowercase: bool = True) -> None:
        ids = {token: index for index, token in enumerate(vocabulary)}
        self.tokenizer = Tokenizer(WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
        self.tokenizer.normalizer = BertNormalizer(lowercase=lowercase)
        self.tokenizer.pre_tokenizer = BertPreTokenizer()
        self.tokenizer.add_special_tokens([AddedToken(t, special=True) for t in SPECIAL_TOKENS])
        self.cls, self.sep = ids["[CLS]"], ids["[SEP]"]

    def encode(self, text: str, max_tokens: int) -> Tokens:
        """Return `[CLS] … [SEP]`, truncated on the right to max_tokens ids including the [SEP]."""
        ids = self.tokenizer.encode(text, add_special_tokens=False).ids
        kept = ids[: max_tokens - 2]
        return Tokens([self.cls, *kept, self.sep], len(kept) < len(ids))
