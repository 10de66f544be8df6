"""One document while it is measured: what is known of it from step to step, and the row that comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from udfs.edits.edit import Edit
from udfs.signals import c4_reference, refinedweb


@dataclass
class Page:
    """Hold what is known of one document from step to step."""

    id: str
    extracted: str | None
    url: str | None = None
    licence: str | None = None
    carried: Sequence[tuple[str, str]] | None = None
    text: str = ""  # as the steps so far leave it
    line_edits: Sequence[Edit] = ()
    found: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    refinements: dict[bool, refinedweb.Refined] = field(default_factory=dict)  # by `faithful`
    reference: tuple[dict[str, int | float | bool], tuple[Edit, ...]] | None = None

    def c4_reference(self) -> tuple[dict[str, int | float | bool], tuple[Edit, ...]]:
        """Return what C4's reference rules say of the extracted text, measured once."""
        if self.reference is None:
            assert self.extracted is not None
            self.reference = c4_reference.measure(self.extracted)
        return self.reference

    def refined(self, *, faithful: bool) -> refinedweb.Refined:
        """Return what RefinedWeb's rules make of the extracted text, measured once."""
        if faithful not in self.refinements:
            assert self.extracted is not None
            self.refinements[faithful] = refinedweb.measure(self.extracted, faithful=faithful)
        return self.refinements[faithful]

    def row(self) -> dict[str, Any]:
        """Return the row: the error and nothing else, or everything that was found."""
        if self.error is not None:
            return {"id": self.id, "error": self.error}
        # to Spark a NaN is greater than any threshold: it would pass rules that a missing measurement must fail
        return {"id": self.id, **{name: None if value != value else value for name, value in self.found.items()}}


def pages_of(part: pa.RecordBatch) -> list[Page]:
    """Make pages of a batch's rows; a column beside id and text is there if a set reads it."""
    names = [name for name in ("id", "text", "url", "licence", "carried") if name in part.schema.names]
    columns = dict(zip(names, (part.column(name).to_pylist() for name in names), strict=True))
    columns["extracted"] = columns.pop("text")
    return [Page(**dict(zip(columns, values, strict=True))) for values in zip(*columns.values(), strict=True)]
