"""What the report shows, as plain values: the seam between the queries that need Spark and the page that needs none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from jobs.engine.card import Card

Number = int | float


class RuleLike(Protocol):
    """A recipe's rule, as far as the report reads it: `kept` is `keep` with its thresholds put in, `meant` says for which pages."""

    @property
    def reason(self) -> str: ...
    @property
    def keep(self) -> str: ...
    @property
    def kept(self) -> str: ...
    @property
    def meant(self) -> str | None: ...
    @property
    def sql(self) -> str: ...
    @property
    def source(self) -> str: ...


@dataclass(frozen=True)
class Reason:
    """Say how many documents one stage gave up for one reason."""

    name: str
    outcome: Literal["dropped", "failed"]
    count: int


@dataclass(frozen=True)
class Stage:
    """Count one stage from its rows. `recorded`: how its ledger disagrees, empty if it does not, None if absent."""

    name: str
    read: int
    kept: int
    reasons: tuple[Reason, ...]
    recorded: str | None = None


@dataclass(frozen=True)
class Rule:
    """One rule of the recipe and what it did. `broke` counts the documents that break it, `alone` those that break no
    other, `first` those for which it is the reason written down. `where` says for which documents it is meant."""

    reason: str
    keep: str
    source: str
    broke: int
    alone: int
    first: int
    where: str = ""


@dataclass(frozen=True)
class Line:
    """One threshold drawn into a distribution. `op` is the kept side, `outside` counts measured values on the other;
    `conditional` marks a threshold under an OR or a `where`, which does not hold for every document."""

    rule: str
    op: Literal["<", "<=", ">", ">="]
    value: float
    conditional: bool
    outside: int


@dataclass(frozen=True)
class Histogram:
    """The distribution of one signal: `bins` count values from `low` to `high`, `below` and `above` those beyond.

    `passing` counts, bin by bin, the documents that no rule drops (empty when unknown). `kind` says how the axis runs;
    `quantiles` are the 5th, 50th and 95th percentile, approximate.
    """

    signal: str
    unit: str
    definition: str
    kind: Literal["linear", "log", "whole", "bool"]
    low: float
    high: float
    bins: tuple[int, ...]
    passing: tuple[int, ...]
    below: int
    above: int
    measured: int
    unmeasured: int
    quantiles: tuple[float, float, float] | None
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Group:
    """The documents that share one value, such as a domain: how many came in, how many were kept, why most went."""

    value: str | None
    read: int
    kept: int
    tokens: int
    main_reason: str | None


@dataclass(frozen=True)
class Breakdown:
    """The largest groups of one property; `wiped` the largest known ones of which nothing was kept. `distinct` counts all
    groups, `wiped_distinct` the known ones with at least `WIPED_FROM` documents in and none kept."""

    name: str
    groups: tuple[Group, ...]
    wiped: tuple[Group, ...]
    distinct: int
    wiped_distinct: int


WIPED_FROM = 5


@dataclass(frozen=True)
class Sample:
    """One document as the page shows it. `text` is already cut; `characters` is its full length. `facts` are the
    measurements its broken rules speak of."""

    id: str
    url: str
    title: str
    language: str
    text: str
    characters: int
    broken: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class SampleSet:
    """Samples of one fate. `stage` is "kept" and `reason` empty for those that were kept."""

    stage: str
    reason: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Duplicate:
    """One dropped member of a duplicate group, and the kept document it lost to."""

    sample: Sample
    reason: str
    duplicate_of: str
    similarity: float | None


@dataclass(frozen=True)
class DuplicateGroup:
    """One group: its witness (None when it lies in an earlier dump) and some of the documents dropped for it."""

    group_id: str
    size: int
    witness_id: str
    witness: Sample | None
    dropped: tuple[Duplicate, ...]


@dataclass(frozen=True)
class FileTotals:
    """All input files together; bytes as in the files, `seconds` summed over files, each read by one core."""

    files: int
    failed: int
    bytes_records: int
    bytes_skipped: int
    seconds: float
    child_restarts: int
    child_peak_mb: int
    records: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class FileProblem:
    """One file that failed or in which spans were skipped; `spans` are (offset, length, why), the first few."""

    path: str
    outcome: str
    reason: str
    error: str
    bytes_skipped: int
    spans: tuple[tuple[int, int, str], ...]
    spans_total: int


@dataclass(frozen=True)
class StageRun:
    """What one stage's marker says about how it was run. `cores` is None when it was not recorded."""

    stage: str
    fingerprint: str
    seconds: float | None
    read: int | None
    chunks: int | None
    cores: int | None


@dataclass(frozen=True)
class Names:
    """What the page calls a stage, and what is true of a document that it keeps."""

    title: str
    upshot: str


@dataclass(frozen=True)
class ReportData:
    """Everything on the page. None means that the stage left nothing to show, which the page says.

    `passing` counts the documents the recipe's rules keep when they are evaluated again over the signals. `names` and `meanings` are
    those of the stages and of the reasons that stages give themselves; `source` is the stage that brought the documents, `noun` what
    its records are called, `cards` what stages add, each with the stage's name.
    """

    recipe: str
    dump: str
    root: str
    made: str
    stages: tuple[Stage, ...]
    tokens: int | None
    rules: tuple[Rule, ...] | None
    histograms: tuple[Histogram, ...] | None
    passing: int | None
    breakdowns: tuple[Breakdown, ...]
    samples: tuple[SampleSet, ...]
    duplicate_groups: tuple[DuplicateGroup, ...] | None
    duplicate_group_count: int
    file_totals: FileTotals | None
    file_problems: tuple[FileProblem, ...]
    runs: tuple[StageRun, ...]
    models: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    names: Mapping[str, Names] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    source: str = "extract"
    noun: str = "captures"
    cards: tuple[tuple[str, Card], ...] = ()
    explorer: bool = False  # whether explorer.html lies beside the page

    def title(self, stage: str) -> str:
        """Return what the page calls a stage."""
        return self.names[stage].title if stage in self.names else stage.capitalize()

    def upshot(self, stage: str) -> str:
        """Return what is true of a document that a stage keeps."""
        return self.names[stage].upshot if stage in self.names else ""
