"""Vocabularies of a few hundred tokens that can split any Latin text."""

import string

from reference_tokenizer import SPECIAL_TOKENS

WORDS = (
    "a an and are as at be but by for from how in is it not of on only than that the their this "
    "to was we were with graph model models paper papers retrieval result results study text "
    "spore spores fern ferns wind winds slope abstract separator title words before after long "
    "experiment baseline method points difference collections empty still leaves"
).split()
SUFFIXES = "al ed er es in ing ion ity ly ment ness ous tion".split()
SYMBOLS = "β μ ω « » 中 文 🧬".split()


def small_vocabulary(*, cased: bool = False, order: str = "bert") -> list[str]:
    """Return the tokens by id. order: the position of the special tokens.

    "bert": [PAD], unused slots, then the others, as in BERT's own vocabulary; "biomedbert": the
    first five ids, [CLS] before [SEP]; "last": [PAD] first and the others at the end.
    """
    letters = string.ascii_lowercase + (string.ascii_uppercase + "éïÅΩ" if cased else "")
    characters = [*string.punctuation, *string.digits, *letters, *SYMBOLS]
    words = [*WORDS, *(word.capitalize() for word in WORDS if cased and len(word) > 3)]
    pieces = [f"##{piece}" for piece in [*letters, *string.digits, *SUFFIXES, "β"]]
    body = [*characters, *(word for word in words if len(word) > 1), *pieces]
    pad, *others = SPECIAL_TOKENS
    if order == "biomedbert":
        return [*SPECIAL_TOKENS, *body]
    if order == "last":
        return [pad, *body, *others]
    return [pad, "[unused0]", "[unused1]", "[unused2]", *others, *body]
