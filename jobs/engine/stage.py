"""What a stage is: one value that says all the engine needs to know, so that a new stage touches nothing but its folder and one list."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from jobs.engine.card import Card
from jobs.engine.ledger import Ledger
from jobs.engine.reason import Reason
from jobs.engine.tables import Table
from udfs.signals.definition import Signal

if TYPE_CHECKING:
    from jobs.engine.job import Context, Job
    from jobs.engine.plan import Plan
    from jobs.recipe.recipe import Recipe

S = TypeVar("S")
Otherwise = tuple[list[str], dict[str, str]]  # chunks that were done otherwise; wanted fingerprint: recorded one
Law = Literal["source", "sieve", "weave"]


@dataclass(frozen=True)
class Source:
    """What only a source has: how its input becomes chunks, and which records of the input become documents.

    `plan` is told whether finished files are to be read again. `captures` is SQL over a row of the table of files: how many documents
    that file or range owes. `noun` is what people call those records. `repeats`: its documents say in `copies` how often
    each is to stand in the product.
    """

    plan: Callable[["Context", bool], "Plan"]
    captures: str
    noun: str = "captures"
    repeats: bool = False


@dataclass(frozen=True, kw_only=True)
class Stage(Generic[S]):
    """Describe a stage.

    - section, settings: its section of the recipe, and the type that reads it. `optional`: without the section there is no such
      stage; else the section has defaults. Of the sources exactly one is there: the one whose section the recipe has, or the first.
    - needs, writes: the tables it reads and writes. The engine finds out who writes what it needs; no stage imports another.
    - law: how its sums are proved (see ledger).
    - revision: raised by the author when the rows change. With `decides`, `models`, `packages` and `pin` it makes the fingerprint.
    - decides: what of the settings decides the rows, as JSON; all of them unless given.
    - models: the models the settings name, by role. packages: those whose version shows in the rows.
    - measures: signals that this recipe's settings add to those that every recipe knows.
    - pin: what lies outside the root and can change, read once when the stage begins, as JSON.
    - costly: finished chunks are never redone unasked, whatever changed. It returns, for the chunks that were done otherwise, the
      fingerprints that are wanted, each with the one that is recorded; what --accept takes over are those.
    - decisions: the table of its outcomes, if it decides. offers: columns of it that a product may carry.
      edits: the table of its changes to the text, if it makes any.
    - check: refuses settings that only Spark can judge. lines: what plan and run say of them.
      before_next: refuses to let the stages after it begin.
    - after: runs when all stages are finished, for what lies outside the root.
    - story: what explain tells of one document. at: what it tells of a place in a product, such as shard:sequence; none if it is no
      such place. cards: tables that the report adds to what it shows of every stage.
      facts: what the stage's marker adds to the sums. scratch: folders that hold nothing but what it works with.
    """

    name: str
    section: str
    settings: Any
    law: Law
    needs: tuple[Table, ...] = ()
    writes: tuple[Table, ...] = ()
    revision: int
    run: Callable[["Job[S]"], Ledger]
    title: str = ""
    upshot: str = ""
    optional: bool = False
    reasons: tuple[Reason, ...] = ()
    decides: Callable[["Job[S]"], Any] | None = None
    models: Callable[[S, "Recipe"], Mapping[str, str]] = field(default=lambda settings, recipe: {})
    packages: tuple[str, ...] = ()
    pin: Callable[["Job[S]"], Any] | None = None
    costly: Callable[["Job[S]"], "Otherwise"] | None = None
    measures: Callable[[S], tuple[Signal, ...]] = field(default=lambda settings: ())
    source: Source | None = None
    decisions: Table | None = None
    offers: tuple[str, ...] = ()
    edits: Table | None = None
    kept: str = "kept"
    check: Callable[["Job[S]"], None] | None = None
    lines: Callable[["Job[S]"], Iterable[str]] | None = None
    before_next: Callable[["Job[S]"], None] | None = None
    after: Callable[["Job[S]"], None] | None = None
    story: Callable[["Context", str, str], Iterator[str]] | None = None
    at: Callable[["Context", str], list[str]] | None = None
    cards: Callable[["Context"], Iterator[Card]] | None = None
    facts: Callable[["Job[S]"], dict[str, Any]] | None = None
    scratch: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Return the folder that holds the stage's marker: that of the table it writes first."""
        return self.writes[0].path
