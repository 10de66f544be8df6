"""What explain tells of the evaluation items that a document holds."""

from collections.abc import Iterator

from jobs.decontaminate.tables import DECISIONS
from jobs.engine.documents import DOCUMENTS
from jobs.engine.job import Context
from jobs.engine.story import row_of

_SHOWN = 20
_EXCERPT = 100  # characters


def story(context: Context, page: str, chunk: str) -> Iterator[str]:
    """Yield the decision, and each text that the document holds, with the words that it shares."""
    decision = row_of(context.root, DECISIONS, page, chunk=chunk)
    if decision is None:
        return
    held = decision["held"] or []
    reason = f", {decision['reason']}" if decision["reason"] else ""
    cut = f", {decision['removed_characters']:,} characters cut" if decision["removed_characters"] else ""
    yield f"decontaminate  {decision['outcome']}{reason}: holds {len(held):,} evaluation text{'' if len(held) == 1 else 's'}{cut}"
    document = row_of(context.root, DOCUMENTS, page, chunk=chunk) if held else None
    for one in held[:_SHOWN]:
        name = f"{one['evaluation_set']} {one['item']} {one['field']}"
        yield f"  {name:<28}{one['share']:.0%}, {one['words']:,} words, from {one['start']} to {one['end']} of the extracted text"
        if document is not None:
            shared = " ".join(document["text"][one["start"] : one["end"]].split())
            yield f"    {shared[:_EXCERPT]}{'…' if len(shared) > _EXCERPT else ''}"
    if len(held) > _SHOWN:
        yield f"  and {len(held) - _SHOWN:,} more"
