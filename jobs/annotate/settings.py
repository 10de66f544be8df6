"""[annotate]: which models score a text, and what is measured of it."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from jobs.recipe.minhash import MinHash
from jobs.recipe.section import Section
from udfs.models.list_file import Kind
from udfs.models.model_file import OTHERS
from udfs.signals.url_facts import KINDS
from udfs.vectors.bert_graph import Precision
from udfs.vectors.scheme import FAST, GRAPH, LABELS, MINILM, TOKENIZER, WEIGHTS, Pooling

SignalSetName = Literal[
    "c4_reference",
    "redpajama",
    "urls",
    "sentences",
    "licence",
    "refinedweb",
    "gopher_dclm",
    "gopher_dolma",
    "hashed_ngrams",
    "rephrase",
]


class SignalList(Section):
    """Name one list of domains, URLs or words; gristmill ships none."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", description="how signals and messages name the list")
    kind: Kind = Field(
        description="domains or urls (an entry a line, as UT1 has them), hosts (a hosts file), strict_words, hard_words or soft_words (of "
        "URLs), bad_words or stop_words (of texts)"
    )
    uri: str = Field(min_length=1, description="a path, or an https:// or s3:// location; gzip and UT1's archives are unpacked")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="of the file as it lies there; another file is refused")
    language: str | None = Field(None, description="of bad_words and stop_words: the label of the texts that the list is for")

    @model_validator(mode="after")
    def _language_is_of_texts(self) -> "SignalList":
        if self.language is not None and self.kind in KINDS:
            raise ValueError(f"list {self.name!r} of kind {self.kind} is for URLs, which have no language: leave language out")
        return self


class PerplexityModel(Section):
    """Name the two models of a language that give a text its perplexity; `gristmill train-perplexity` makes them."""

    pieces: str = Field(min_length=1, description="SentencePiece's model, a file named *.sp.model: a path or a pinned location")
    lm: str = Field(min_length=1, description="KenLM's model, a file named *.arpa.bin, likewise")

    @model_validator(mode="after")
    def _named_as_what_they_are(self) -> "PerplexityModel":
        for name, end in ((self.pieces, OTHERS[0]), (self.lm, OTHERS[1])):
            if not name.partition("#")[0].endswith(end):
                raise ValueError(f"{name} does not end in {end}, so it is taken for a model of another kind. Rename the file")
        return self


class Perplexity(Section):
    """Measure perplexity by language, as CCNet does; needs the extra gristmill[perplexity]."""

    models: dict[str, PerplexityModel] = Field(min_length=1, description="the models of each language, by the language's label")
    faithful: bool = Field(
        False, description="true: score the text as one line with its breaks deleted, as cc_net does; false: line by line"
    )


class Embedding(Section):
    """Make a vector of each document; a transformer needs the extra gristmill[embed], a fast model nothing."""

    model: str = Field(
        f"{MINILM}{WEIGHTS}",
        description="MiniLM's weights, an ONNX graph (.onnx), or a fast model (.vectors.npz): a known model, a path or a pinned location",
    )
    tokenizer: str | None = Field(None, description="the tokenizer.json of an ONNX graph, likewise; MiniLM has its own")
    max_tokens: int = Field(256, ge=8, le=8192, description="word pieces of a window, the model's marks included")
    windows: int = Field(1, ge=1, le=1000, description="windows from the beginning that are averaged; 1: the first alone")
    pooling: Pooling = Field("mean", description="what is taken of the tokens' states: their mean, the first (cls) or the last")
    precision: Precision = Field("fp32", description="int8 quantises MiniLM's weights: faster, and other vectors")
    prefix: str = Field("", description="what stands before each text, as some models ask for")

    @model_validator(mode="after")
    def _fits_its_model(self) -> "Embedding":
        name = self.model.partition("#")[0]
        if not name.endswith((WEIGHTS, GRAPH, FAST)):
            raise ValueError(
                f"model {name} ends in none of {WEIGHTS}, {GRAPH}, {FAST}, so its kind is unknown. Rename the file"
            )
        if name.endswith(GRAPH) and self.tokenizer is None:
            raise ValueError(
                f"model {name} has no tokenizer, so no text could be read: name the tokenizer.json that came with it"
            )
        if self.tokenizer is not None and not self.tokenizer.partition("#")[0].endswith(TOKENIZER):
            raise ValueError(f"tokenizer {self.tokenizer} does not end in {TOKENIZER}. Rename the file")
        if self.precision == "int8" and not name.endswith(WEIGHTS):
            raise ValueError(
                f"precision int8 is for MiniLM's weights: {name} has the precision that it was made with. Leave it out"
            )
        own = self.model_fields_set & {"tokenizer", "pooling", "windows", "max_tokens", "prefix"}
        if name.endswith(FAST) and own:
            raise ValueError(f"{min(own)} is for a transformer: a fast model has what it was trained with. Leave it out")
        return self

    def models(self) -> dict[str, str]:
        """Name the files by role."""
        if self.model.partition("#")[0].endswith(FAST):
            return {"embedding": self.model}
        return {"embedding": self.model, "embedding tokenizer": self.tokenizer or f"{MINILM}.{TOKENIZER}"}


class Classifier(Section):
    """Score each text by a supervised fastText model, or a regression of scores (.npz), as a signal of its own; [[annotate.quality]] may stand several times."""

    signal: str = Field("quality_score", pattern=r"^quality_[a-z0-9_]+$", description="the signal that holds the score")
    model: str = Field(min_length=1, description="a model named in conf/models.toml, or the path or location of one")
    label: str = Field("__label__hq", description="of a fastText model: the label whose probability is the score")


class Labels(Section):
    """Name each text's topic, format or the like by a model of many labels; [[annotate.labels]] may stand several times."""

    signal: str = Field("label_topic", pattern=r"^label_[a-z0-9_]+$", description="the signal that holds the label")
    model: str = Field(
        min_length=1, description="a model of `gristmill train --topics`, or another of fastText: a path or a location"
    )

    @model_validator(mode="after")
    def _has_labels(self) -> "Labels":
        name = self.model.partition("#")[0]
        if name.endswith(".npz") and not self.of_vectors:
            raise ValueError(f"{self.model} is no model of labels: name one of `gristmill train --topics`")
        return self

    @property
    def of_vectors(self) -> bool:
        """Tell whether the model names vectors; otherwise it names texts."""
        return self.model.partition("#")[0].endswith(LABELS)


def _signals_are_unique(classifiers: tuple[Any, ...]) -> tuple[Any, ...]:
    names = [one.signal for one in classifiers]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"two classifiers have the signal {name!r}: a rule could not say which it means. Name one otherwise"
            )
    return classifiers


class Annotate(Section):
    """Name the models and what is measured."""

    language_model: str = Field("lid.176.ftz", description="a model named in conf/models.toml, or the path of one")
    line_edits: Literal["c4", "c4_reference", "refinedweb", "none"] = Field(
        "c4",
        description="which line rules cut text before it is measured further: C4's as FineWeb reads them, as its code has them, "
        "RefinedWeb's, none",
    )
    faithful: bool = Field(False, description="in RefinedWeb's rules, repeat three slips of DCLM's code (docs/recipes.md)")
    pii: bool = Field(True, description="find emails and public IP addresses and replace them in the product")
    signal_sets: tuple[SignalSetName, ...] = Field((), description="sets of signals that are measured only if named")
    lists: tuple[SignalList, ...] = Field((), description="lists that the sets urls, c4_reference and redpajama look into")
    perplexity: Perplexity | None = Field(None, description="language models by language; none: not measured")
    embedding: Embedding | None = Field(None, description="a vector of each document; none: not made")
    quality: Annotated[tuple[Classifier, ...], AfterValidator(_signals_are_unique)] = Field(
        (), description="classifiers, each a signal; none: no quality_score"
    )
    labels: Annotated[tuple[Labels, ...], AfterValidator(_signals_are_unique)] = Field(
        (), description="models that name a text's topic or format, each a signal; none: no such signal"
    )
    minhash: MinHash | None = Field(None, description="signatures, by which dedup finds near-duplicates; none: not measured")

    @model_validator(mode="after")
    def _labels_have_vectors(self) -> "Annotate":
        blind = [one.signal for one in self.labels if one.of_vectors and self.embedding is None]
        if blind:
            raise ValueError(
                f"{blind[0]} is of a model on vectors, and no vector is made: add the [annotate.embedding] that it was trained with"
            )
        return self

    @model_validator(mode="after")
    def _lists_are_looked_into(self) -> "Annotate":
        names = [one.name for one in self.lists]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two lists are named {twice[0]!r}: a page could not say which it is on")
        of_urls = [one.name for one in self.lists if one.kind in KINDS]
        of_texts = [one.name for one in self.lists if one.kind not in KINDS]
        if of_urls and "urls" not in self.signal_sets:
            raise ValueError(f'list {of_urls[0]!r} is of URLs, and no set looks into it: add signal_sets = ["urls"]')
        if "urls" in self.signal_sets and not of_urls:
            raise ValueError("signal_sets has urls, and there is no list for it: add an [[annotate.lists]] or leave urls out")
        if of_texts and not {"c4_reference", "redpajama"} & set(self.signal_sets):
            raise ValueError(
                f"list {of_texts[0]!r} is of words, and no set looks into it: add c4_reference or redpajama to signal_sets"
            )
        return self
