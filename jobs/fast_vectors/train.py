"""Trains the fast embedder from a corpus and a teacher, and measures it on texts that it was not trained on."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from heapq import nsmallest
from pathlib import Path

import numpy as np
import xxhash

from jobs.fast_vectors.distil import distilled
from jobs.fast_vectors.measured import agreement, by_language
from jobs.fast_vectors.settings import FastSettings, VectorsTrainError
from jobs.fast_vectors.taught import taught
from jobs.text_files import files_of, texts_of
from udfs.models.model_file import sha256_of
from udfs.signals.language import LanguageModel
from udfs.vectors.agreement import Agreement
from udfs.vectors.fast_model import Array, Card, FastModel
from udfs.vectors.scheme import FAST, EmbeddingScheme
from udfs.vectors.sparse_features import features
from udfs.vectors.transformer import Transformer

LEAST = 100  # texts to learn from
Say = Callable[[str], None]


@dataclass(frozen=True)
class FastReport:
    """Say what was trained, and how it does; `card` is in the model too."""

    path: str
    sha256: str
    settings: FastSettings
    card: Card


@dataclass(frozen=True)
class Sources:
    """Name the files to learn from, and those to measure with; without the latter a share of the former is held out."""

    corpus: Sequence[str]
    held_out: Sequence[str] = ()


def train(
    out: Path, sources: Sources, *, teacher: EmbeddingScheme, settings: FastSettings, language: LanguageModel, say: Say
) -> FastReport:
    """Write the model `out`, its report beside it as .json, and the teacher's vectors as .teacher; return the report.

    1. The documents are those of the least hashes of their text; a share of them is held out, or other files are named for that.
    2. Each document to learn from is cut into windows, and the teacher embeds each.
    3. The model learns from them. Held-out documents are embedded by both, as a run would, and compared.
    The same texts, in any order of files, and settings make the same model on one machine. Raises VectorsTrainError.
    """
    if not out.name.endswith(FAST):
        raise VectorsTrainError(
            f"{out} should end in {FAST}, by which a recipe knows a fast model: nothing was trained. Rename it"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    cache = out.with_name(out.name.removesuffix(FAST) + ".teacher")
    kept, apart = _documents(sources, settings)
    short = Transformer(replace(teacher, max_tokens=settings.window_tokens, windows=1))
    windows = list(dict.fromkeys(one for text in kept for one in short.pieces(text, most=settings.windows)))
    texts, vectors = _pairs(windows, taught(short, windows, cache=cache, say=say))
    if len(texts) < LEAST:
        raise VectorsTrainError(
            f"there are {len(texts)} texts to learn from, and {LEAST} are the least: nothing was trained. Give more"
        )
    rows = [features(text, max_tokens=teacher.max_tokens) for text in texts]
    learned = distilled(rows, vectors, hidden=settings.hidden, steps=settings.steps, say=say)
    whole = Transformer(replace(teacher, windows=1))
    held, right = _pairs(apart, taught(whole, apart, cache=cache, say=say))
    nothing = Agreement(0, None, None)
    card = Card(_name(teacher), teacher.max_tokens, settings.seed, len(texts), nothing, {})
    model = FastModel.of(learned.idf, learned.table, learned.weights, learned.bias, card=card)
    made = replace(model, card=_measured(model, held, right, language))
    part = out.with_name(f".{out.name}.part")
    made.save(part)
    report = FastReport(str(out), sha256_of(part), settings, made.card)
    part.replace(out)
    Path(f"{out}.json").write_text(json.dumps(asdict(report), indent=1) + "\n", "utf-8")
    return report


def _measured(model: FastModel, texts: Sequence[str], right: Array, language: LanguageModel) -> Card:
    """Return the model's card with what it does on texts that it has not seen; a text without a feature has no direction."""
    if not texts:
        return model.card
    width = model.weights.shape[1]
    mine = np.stack([np.zeros(width, np.float32) if one is None else one for one in model.vectors(texts)])
    languages = [language.identify(text)[0] or "unknown" for text in texts]
    return replace(model.card, held_out=agreement(right, mine), by_language=by_language(right, mine, languages))


def _documents(sources: Sources, settings: FastSettings) -> tuple[list[str], list[str]]:
    """Return distinct texts to learn from and to measure with, each in the order of a hash."""
    chosen = _least(sources.corpus, settings)
    if sources.held_out:
        measured = dict.fromkeys(_least(sources.held_out, settings))
        return [text for text in chosen if text not in measured], list(measured)
    apart = {text for text in chosen if _hash(text, settings.seed + 1) < settings.holdout * 2**64}
    return [text for text in chosen if text not in apart], [text for text in chosen if text in apart]


def _least(paths: Sequence[str], settings: FastSettings) -> list[str]:
    def hashed() -> Iterator[tuple[int, str]]:
        for file in files_of(paths):
            for text in texts_of(file):
                if text and not text.isspace():
                    yield _hash(text, settings.seed), text

    seen: dict[int, str] = {}
    for key, text in hashed():
        if len(seen) >= 2 * settings.documents:
            seen = dict(nsmallest(settings.documents, seen.items()))
        seen[key] = text
    return [text for _, text in nsmallest(settings.documents, seen.items())]


def _hash(text: str, seed: int) -> int:
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"), seed=seed)


def _pairs(texts: Sequence[str], vectors: Sequence[Array | None]) -> tuple[list[str], Array]:
    """Leave out texts that the teacher has no vector for."""
    both = [(text, vector) for text, vector in zip(texts, vectors, strict=True) if vector is not None]
    stacked = np.stack([vector for _, vector in both]) if both else np.zeros((0, 0), np.float32)
    return [text for text, _ in both], stacked


def _name(teacher: EmbeddingScheme) -> str:
    return f"{Path(teacher.model).name} sha256 {teacher.sha256}"
