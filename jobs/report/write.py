"""Writes the report of a run, unless what it would show is what it shows already."""

from jobs.engine import documents
from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Context
from jobs.engine.root import Root
from jobs.report.gather import gather
from jobs.report.page import EXPLORER, NO_EXPLORER, render

PAGE = "report.html"
MARKER = "report.json"
REVISION = 2  # raised when the page shows other things of the same run


def write_report(context: Context, *, anew: bool = True) -> str:
    """Write the report of what is there to report.html below the root, and return its path.

    Unless `anew`, a report of the same results is left as it is: it asks the tables some fifteen questions.
    """
    root = context.root
    keys = {stage.name: (root.markers.stage(stage.folder) or {}).get("fingerprint") for stage in context.stages}
    failed = [path for _, path in documents.still_failed(root)]
    shown = fingerprint(REVISION, keys, failed, context.recipe.as_json())
    if not anew and (root.markers.json(MARKER) or {}).get("fingerprint") == shown and root.exists(PAGE):
        return root.at(PAGE)
    data = gather(context, samples=context.recipe.report.samples)
    page = root.write_text(PAGE, render(data))
    samples = [sample for found in data.samples for sample in found.samples]
    some = [sample.url for sample in samples if sample.url] or [sample.id for sample in samples]
    root.markers.write_json(MARKER, {"fingerprint": shown, "example": some[0] if some else None})
    return page


def example(context: Context) -> str:
    """Return the URL of a document that the report shows, or the id of one, to try explain with."""
    return (context.root.markers.json(MARKER) or {}).get("example") or "URL-or-ID"


def link_explorer(root: Root) -> None:
    """Let a report that was written before there was a map of the corpus name it; the rest of the page stays as it is."""
    page = root.store.read(PAGE)
    if page is not None and NO_EXPLORER in page:
        root.write_text(PAGE, page.replace(NO_EXPLORER, EXPLORER, 1))
