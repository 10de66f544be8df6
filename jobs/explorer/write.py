"""Writes the explorer of a run."""

from pathlib import Path

from jobs.engine.job import Context
from jobs.explorer.gather import gather
from jobs.explorer.map import made
from jobs.explorer.page import render
from jobs.explorer.sample_size import POINTS
from jobs.report.write import link_explorer

PAGE = "explorer.html"
SEED = 1


def write_explorer(context: Context, *, points: int = POINTS, out: str | None = None) -> str:
    """Write the map of a run to explorer.html below the root, or to a local file, and return its path; same root, same page.

    The report below the root then links to it.
    """
    corpus = gather(context, most=points)
    page = render(corpus, made(corpus.points, seed=SEED))
    if out is None:
        path = context.root.write_text(PAGE, page)
        link_explorer(context.root)
        return path
    Path(out).write_text(page, "utf-8")
    return out
