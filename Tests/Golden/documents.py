"""The texts of the golden data: invented papers and plain texts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    text: str

    def content(self) -> str:
        return self.text

    def fields(self) -> dict[str, str]:
        return {"text": self.text}


@dataclass(frozen=True)
class Paper:
    title: str
    abstract: str = ""

    def content(self) -> str:
        return f"{self.title} [SEP] {self.abstract}"

    def fields(self) -> dict[str, str]:
        return {"title": self.title, "abstract": self.abstract}


Document = Text | Paper

FERNS = Paper(
    "Spore dispersal of alpine ferns under changing winds",
    "We followed twelve populations of alpine ferns over nine summers and measured how far their "
    "spores travel. A simple drift model explains 71% of the variance (p < 0.01); the rest follows "
    "the slope's exposure.",
)
KINASE = Paper(
    "A selective inhibitor of the kinase MRK-7 slows tumour growth in mice",
    "Kinase MRK-7 is over-expressed in 38% of pancreatic tumours. We describe compound 14b, an "
    "orally available inhibitor (IC50 = 2.4 nM), and show that it halves tumour volume in "
    "xenografted mice without weight loss.",
)
GRAPHS = Paper(
    "Sparse message passing on citation graphs",
    "Message passing over large citation graphs is bound by memory, not arithmetic. We keep one "
    "edge in eight, chosen by a learned score, and lose 0.3 points of accuracy on node "
    "classification while training runs 5.1 times faster.",
)


def report(experiments: int) -> str:
    return " ".join(
        f"In experiment {n} the baseline reached {50 + n}.{n % 10} points, the proposed method "
        f"{52 + n}.{(3 * n) % 10}, and the difference was reproduced on {n + 2} collections."
        for n in range(1, experiments + 1)
    )


SMALL = (
    FERNS,
    Paper("An empty abstract still leaves its separator"),
    Text("graph models [SEP] retrieval of papers"),
    Text(""),
    Text(" \t "),
    Text("Naïve β-catenin, 中文 and Å: ﬁve Ω-3 «quotes» 🧬 don't e\u0301ven"),
    Text("[PAD] before [MASK], but [mask] and [Sep] are words"),
    Paper("Results of a Long Study", report(4)),
)

MINILM = (
    FERNS,
    KINASE,
    GRAPHS,
    Paper("Only a title"),
    Paper("", "Only an abstract, and no title at all."),
    Paper("", ""),
    Paper("Ecology", "The study of how organisms interact with each other and their surroundings."),
    Paper("A long study of retrieval baselines", report(40)),
    Text(""),
    Text(" "),
    Text("\n\t\r "),
    Text("a"),
    Text("fern"),
    Text("how far do fern spores travel?"),
    Text("KINASE INHIBITORS FOR PANCREATIC CANCER"),
    Text("graph neural networks [SEP] memory-bound training"),
    Text("[CLS] [SEP] [SEP]"),
    Text("a literal [PAD] and a [MASK] in a text"),
    Text("Schrödinger's naïve résumé: Ångström, Dvořák, ﬁnal e\u0301"),
    Text("β-catenin 中文論文 한국어 русский العربية हिन्दी 🧬🧪"),
    Text("zero\u200bwidth soft\u00adhyphen non\u00a0breaking \ufeffmark"),
    Text("x" * 150 + " " + "y" * 100),
    Text("10.1038/s41586-021-03819-2 https://example.org/a_b?c=d&e=1.5e-3 (n=42; ±0.05)"),
    Text("word " * 254),
    Text("word " * 255),
    Text(" ".join(f"token{n}" for n in range(300))),
)
