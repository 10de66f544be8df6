"""The gate by vectors on the labelled rephrases: `python -m bench.rephrase.similarity MODEL.vectors.npz > bench/results/rephrase_similarity.md`."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill

from jobs.engine.models import fetch
from tests.gates.judged import judged
from tests.gates.labelled import Labelled, pages
from tests.runs import MODELS
from udfs.models.model_file import sha256_of
from udfs.signals.rephrase_similarity import cosine
from udfs.vectors.embedder import Embedder
from udfs.vectors.scheme import MINILM, EmbeddingScheme

THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
LOW = 0.4
INTRODUCTION = """# The gate by vectors on labelled rephrases

`python -m bench.rephrase.similarity MODEL.vectors.npz` writes this page. The set is that of
[the other gates](rephrase_gates.md): 100 sound answers and 100 spoiled ones to ten short pages.
`rephrase_similarity` is the cosine of answer and page. The fast model is the one that
[embed.md](embed.md#the-fast-embedder) measures.

 - **Precision**: of the answers that the gate drops, the part that has any fault.
 - **Recall**: of the answers with a fault, the part that it drops.
 - **Wrong page**: each sound answer held against the nine other pages, 900 pairs in all. A model
   that wrote of something else would look like that.
"""


@dataclass(frozen=True)
class Measured:
    """Hold the similarity of each labelled answer to its page, and of each sound one to the other pages."""

    own: Sequence[tuple[Labelled, float]]
    wrong: Sequence[float]


def measured(scheme: EmbeddingScheme) -> Measured:
    """Embed the set."""
    texts, rows = pages(), [row.one for row in judged()]
    every = list(dict.fromkeys([*texts.values(), *(row.answer for row in rows)]))
    vectors = {text: vector for text, vector in zip(every, Embedder(scheme).stored(every), strict=True) if vector is not None}
    own = [(row, cosine(vectors[row.answer], vectors[texts[row.page]])) for row in rows]
    sound = [row for row in rows if row.fault is None]
    wrong = [cosine(vectors[row.answer], vectors[text]) for row in sound for name, text in texts.items() if name != row.page]
    return Measured(own, wrong)


def section(name: str, found: Measured) -> None:
    """Print what one embedder finds."""
    sound = sorted(value for row, value in found.own if row.fault is None)
    ill = [(row, value) for row, value in found.own if row.fault is not None]
    missed = [(row.page, row.style) for row in (one.one for one in judged() if not one.broken) if row.fault is not None]
    print(f"\n## {name}\n")
    print(
        f"Sound answers: least {sound[0]:.3f}, tenth {sound[9]:.3f}, median {sound[len(sound) // 2]:.3f}, most {sound[-1]:.3f}."
    )
    print(f"Wrong pages: median {sorted(found.wrong)[len(found.wrong) // 2]:.3f}, most {max(found.wrong):.3f}.\n")
    print("| threshold | sound dropped | spoiled dropped | precision | recall | wrong page dropped |")
    print("|---:|---:|---:|---:|---:|---:|")
    for bound in THRESHOLDS:
        good, bad = sum(value < bound for value in sound), sum(value < bound for _, value in ill)
        precision = f"{bad / (good + bad):.2f}" if good + bad else "-"
        away = sum(value < bound for value in found.wrong) / len(found.wrong)
        print(
            f"| {bound:.1f} | {good} of {len(sound)} | {bad} of {len(ill)} | {precision} | {bad / len(ill):.2f} | {away:.1%} |"
        )
    print("\n| fault | answers | least | median | most |" + "".join(f" below {bound:.1f} |" for bound in THRESHOLDS[:-1]))
    print("|---|---:|---:|---:|---:|" + "---:|" * len(THRESHOLDS[:-1]))
    for fault in sorted({row.fault for row, _ in ill if row.fault}):
        mine = sorted(value for row, value in ill if row.fault == fault)
        below = "".join(f" {sum(value < bound for value in mine)} |" for bound in THRESHOLDS[:-1])
        print(f"| {fault} | {len(mine)} | {mine[0]:.3f} | {mine[len(mine) // 2]:.3f} | {mine[-1]:.3f} |{below}")
    told = ", ".join(f"{row.page}, {row.style}: {value:.3f}" for row, value in ill if (row.page, row.style) in missed)
    low = sorted((value, row.page, row.style) for row, value in found.own if row.fault is None and value < LOW)
    below = ", ".join(f"{page}, {style}: {value:.3f}" for value, page, style in low)
    print("\n" + fill(f"Sound answers below {LOW}: {below or 'none'}.", 100))
    print(f"\nThe answers that no other gate drops: {told or 'none'}.")


def main() -> None:
    """Print the page."""
    weights, words = (fetch(f"{MINILM}.{end}", folder=MODELS) for end in ("safetensors", "tokenizer.json"))
    print(INTRODUCTION, end="")
    section("MiniLM", measured(EmbeddingScheme(weights.path, weights.sha256, words.path, words.sha256)))
    for path in sys.argv[1:]:
        section("A fast model", measured(EmbeddingScheme(path, sha256_of(path))))


if __name__ == "__main__":
    main()
