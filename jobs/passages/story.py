"""What explain tells of the passages that were cut."""

from collections.abc import Iterator

from jobs.engine.job import Context
from jobs.engine.story import row_of
from jobs.passages.tables import DECISIONS, EDITS


def story(context: Context, page: str, chunk: str) -> Iterator[str]:
    """Yield the decision, and each cut."""
    decision = row_of(context.root, DECISIONS, page, chunk=chunk)
    if decision is None:
        return
    seen = f", {decision['ngrams_seen']:,} of {decision['ngrams']:,} n-grams seen before" if decision["ngrams"] else ""
    reason = f", {decision['reason']}" if decision["reason"] else ""
    yield f"passages  {decision['outcome']}{reason}: {decision['removed_characters']:,} characters cut{seen}"
    cuts = row_of(context.root, EDITS, page, chunk=chunk)
    for edit in cuts["edits"] if cuts is not None else ():
        yield f"  {edit['kind']:<28}{edit['start']} to {edit['end']} of the extracted text"
