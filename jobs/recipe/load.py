"""The recipe: a TOML file that says the whole pipeline, checked at start-up so that nothing fails nine hours later."""

import difflib
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from jobs.annotate.minhash_settings import MinHash as MinHash
from jobs.crawl.settings import Prices, Select
from jobs.passages.settings import Bff, CcnetLines, Parts, Substrings
from jobs.recipe.section import Fraction, Positive, Section
from udfs.reading.location import LocationError, open_location


class RecipeError(ValueError):
    """Say everything that is wrong with a recipe, or with how it is used, and what to do about it."""


class Run(Section):
    """Name the run and its input."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", description="short name of the recipe, stored with the output")
    dump: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="value of the dump column and partition")
    input: tuple[str, ...] = Field(description="files, globs, paths files, http(s) and s3 locations, CC-MAIN-… crawl ids")
    limit: Positive | None = Field(None, description="read only the first N input files")
    chunk_files: Positive = Field(100, description="input files in a chunk, the unit of resume")
    chunks_at_once: Positive = Field(2, description="chunks whose jobs run side by side, so that a straggler idles no core")
    max_readers: Positive = Field(500, description="input files that the whole job reads at once, a connection each")
    split_mb: float = Field(0, ge=0, description="split larger files into ranges of this size; 0 reads each by one request")


class Gate(Section):
    """Say which pages are worth a precise extraction, by a cheap look at their text; leave the section out to extract all."""

    languages: tuple[str, ...] = Field((), description="labels of [annotate] language_model; empty: any language")
    language_score: Fraction = Field(0.3, description="least probability that the text is in one of them")
    min_words: int = Field(0, ge=0, description="fewest words; in scripts without spaces, characters")


class Chain(Section):
    """Set when the chain asks further: bounds on trafilatura's text as shares of what Resiliparse takes for main text."""

    full_below: float = Field(0.4, ge=0, description="below this, trafilatura's fast pass is followed by its full one")
    recall_below: float = Field(0.1, ge=0, description="below this, the full pass is followed by the one for recall")
    resiliparse_above: float = Field(1.5, gt=0, description="above this, Resiliparse's text is taken instead")
    agree_above: float = Field(
        0.5, ge=0, description="lines at the edges that Resiliparse leaves out go if this share of the text stays"
    )


class Extract(Section):
    """Say how a page becomes text."""

    extractor: Literal["chain", "trafilatura", "resiliparse"] = Field("chain", description="what takes the text")
    favor: Literal["precision", "default", "recall"] = Field("precision", description="trafilatura's leaning, when it is alone")
    chain: Chain = Chain()
    gate: Gate | None = Field(None, description="leave the section out to extract every page")
    timeout_s: float = Field(10.0, gt=0, description="seconds a page may take before it becomes failed: timeout")
    memory_mb: int = Field(2048, ge=256, description="address space of the child that parses pages")
    max_page_mb: Positive = Field(16, description="pages with a larger body become failed: too_large")


class Annotate(Section):
    """Name the models and what is measured."""

    language_model: str = Field("lid.176.ftz", description="a model named in conf/models.toml, or the path of one")
    quality_model: str | None = Field(None, description="a supervised fastText model; none: no quality_score")
    quality_label: str = Field("__label__hq", description="the label whose probability is quality_score")
    line_edits: Literal["c4", "none"] = Field("c4", description="which line rules cut text before it is measured further")
    pii: bool = Field(True, description="find emails and public IP addresses and replace them in the product")


class Rule(Section):
    """One filter: keep a document if the SQL over its signals is true."""

    reason: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="what is wrong with a page that breaks the rule")
    keep: str = Field(min_length=1, description="Spark SQL over the signals; null counts as unmeasured, a failure")
    source: str = Field("", description="the paper or code whose rule it is")


class Alarm(Section):
    """Stop a run before publish when dedup has dropped more than it should; groups below min_documents are not judged."""

    max_removed_total: Fraction = Field(0.95, description="largest share of all documents; 1: no limit")
    max_removed: Fraction = Field(
        0.99, description="largest share of one language's or one input file's documents; 1: no limit"
    )
    max_removed_domain: Fraction = Field(
        1.0, description="largest share of one registered domain's; 1: no limit, since one template may fill a domain"
    )
    max_group: Positive | None = Field(None, description="largest group of duplicates; none: no limit")
    min_documents: Positive = Field(1000, description="documents that came into dedup from which a share is judged")


class Dedup(Section):
    """Say which duplicates go, and which copy stays."""

    mode: Literal["drop", "annotate"] = Field(
        "drop", description="drop duplicates, or publish all with their group and witness"
    )
    scope: Literal["dump", "global"] = Field(
        "dump", description="compare within the dump, or with all published dumps of the index"
    )
    index: str | None = Field(None, description="folder of the index of published dumps; publishing adds this dump to it")
    exact_url: Literal["best", "newest", "off"] = Field("best", description="which capture of one normalised URL stays")
    exact_text: bool = Field(True, description="of documents with one normalised text keep one")
    exact_digest: bool = Field(
        False, description="of captures with one payload digest keep one; exact_text finds all but odd ones"
    )
    survivor: tuple[str, ...] = Field(
        ("quality_score DESC", "character_count DESC", "date ASC"),
        description="which copy stays: SQL order over signals and date, the id decides last; a null comes last",
    )
    minhash: MinHash | None = Field(None, description="near-duplicates; leave the section out to keep them")
    alarm: Alarm = Alarm()

    @model_validator(mode="after")
    def _global_needs_an_index(self) -> "Dedup":
        if self.scope == "global" and self.index is None:
            raise ValueError(
                'scope = "global" compares with the dumps of an index, and none is named. Add index = "s3a://…/index"'
            )
        return self


class Publish(Section):
    """Say what the product's files look like."""

    file_mb: Positive = Field(256, description="target size of a Parquet file, uncompressed text")
    columns: tuple[str, ...] = Field(
        ("title", "domain", "quality_score", "opt_out", "licence"),
        description="columns of documents and signals, and dedup's, that follow FineWeb's",
    )


class Report(Section):
    """Say how much the report shows."""

    samples: int = Field(3, ge=0, le=50, description="documents shown per reason")


class Recipe(Section):
    """Hold one whole recipe."""

    run: Run
    select: Select | None = None
    extract: Extract = Extract()
    annotate: Annotate = Annotate()
    filter: tuple[Rule, ...] = ()
    dedup: Dedup = Dedup()
    parts: Parts | None = None
    publish: Publish = Publish()
    report: Report = Report()
    prices: Prices = Prices()

    @field_validator("filter")
    @classmethod
    def _reasons_are_unique(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        seen: set[str] = set()
        for rule in rules:
            if rule.reason in seen:
                raise ValueError(f"two rules have the reason {rule.reason!r}: a dropped page could not say which it broke")
            seen.add(rule.reason)
        return rules


def load_recipe(path: Path | str, *, overrides: dict[str, Any] | None = None) -> Recipe:
    """Read and check a recipe, named by a path or a location; `overrides` replaces keys of [run], as the command line does.

    A path that is not there is looked for by its name in the working folder, where spark-submit puts what --files names. Raises
    RecipeError naming every fault at once.
    """
    try:
        table = tomllib.loads(_text(path))
    except LocationError as error:
        raise RecipeError(f"the recipe cannot be read: {error}; nothing was run") from None
    except FileNotFoundError:
        known = ", ".join(sorted(str(p) for p in Path(path).parent.glob("*.toml"))) or "none"
        raise RecipeError(f"no recipe at {path}: nothing was run. Recipes in that folder: {known}") from None
    except OSError as error:
        raise RecipeError(
            f"{path} cannot be read ({error.strerror}): nothing was run. Name a recipe, such as conf/quickstart.toml"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path} is not TOML ({error}): nothing was run. Mend that line and run again") from None
    if overrides and isinstance(table.setdefault("run", {}), dict):
        table["run"] |= overrides
    try:
        return Recipe.model_validate(table)
    except ValidationError as error:
        faults = "\n".join(f"  {_fault(dict(item))}" for item in error.errors())
        raise RecipeError(f"{path} has {error.error_count()} fault(s); nothing was run.\n{faults}") from None


def _text(path: Path | str) -> str:
    if "://" in str(path):
        return open_location(str(path)).read().decode("utf-8")
    named, brought = Path(path), Path(Path(path).name)
    return (brought if not named.exists() and brought.is_file() else named).read_text("utf-8")


def _fault(item: dict[str, Any]) -> str:
    """Word one of pydantic's errors as: where, what, and the known names when a name is unknown."""
    where = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        known = known_keys(item["loc"][:-1])
        near = difflib.get_close_matches(str(item["loc"][-1]), known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"{where}: unknown key{hint} (known: {', '.join(known)})"
    if item["type"] == "missing":
        return f"{where}: required, but not given"
    return f"{where}: {str(item['msg']).removeprefix('Value error, ')} (got {item['input']!r})"


def known_keys(where: tuple[str | int, ...]) -> list[str]:
    """List the keys that a section of the recipe knows.

    >>> known_keys(("dedup", "minhash"))
    ['setting', 'backend', 'measure', 'ngram', 'bands', 'rows', 'verify', 'seed']
    """
    model: type[BaseModel] = Recipe
    for part in where:
        if isinstance(part, int):
            continue
        model = SECTIONS.get(part, model)
    return list(model.model_fields)


SECTIONS: dict[str, type[Section]] = {
    "run": Run,
    "select": Select,
    "extract": Extract,
    "gate": Gate,
    "chain": Chain,
    "annotate": Annotate,
    "filter": Rule,
    "dedup": Dedup,
    "minhash": MinHash,
    "alarm": Alarm,
    "parts": Parts,
    "ccnet_lines": CcnetLines,
    "bff": Bff,
    "substrings": Substrings,
    "publish": Publish,
    "report": Report,
    "prices": Prices,
}
