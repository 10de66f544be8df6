"""The way back from a document: each document once, a bounded number of roots, and a word for what is gone."""

from pathlib import Path
from typing import Any

import pytest

from jobs.engine.job import Context
from jobs.engine.progress import Progress
from jobs.engine.root import Root
from jobs.explain import lineage
from jobs.recipe.load import recipe_of, stages_of

Rows = dict[tuple[str, str], dict[str, Any]]


def context(root: Path) -> Context:
    recipe = recipe_of({"run": {"name": "r", "dump": "D", "input": ["x"]}})
    return Context(recipe=recipe, root=Root(None, str(root)), progress=Progress(quiet=True), stages=stages_of(recipe))


def told(monkeypatch: pytest.MonkeyPatch, rows: Rows, start: dict[str, Any], root: Path) -> list[str]:
    """Follow a document through roots that are held in memory."""

    def of_root(_: Context, root: str, ids: list[str], **more: Any) -> tuple[list[dict[str, Any]], list[str]]:
        found = [rows[root, id] for id in ids]
        return found, [f"{root} {row['id']}" for row in found]

    monkeypatch.setattr(lineage, "_of_root", of_root)
    return list(lineage.lineage(context(root), [start], tell=lambda _, row: []))


def made_of(id: str, *parents: tuple[str, str]) -> dict[str, Any]:
    return {"id": id, "parents": [{"root": root, "id": name} for root, name in parents], "file_path": "x"}


def test_each_document_is_told_once_however_many_are_made_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = {"id": "page", "parents": None, "file_path": "/crawl/corpus/dump=D/language=en/chunk=00000/a.parquet"}
    texts = [made_of(f"text-{n}", ("/pages", "page")) for n in range(2)]
    rows: Rows = {("/texts", row["id"]): row for row in texts}
    rows |= {("/pages", "page"): page, ("/crawl", "page"): {"id": "page", "parents": [], "file_path": "a.warc.gz"}}
    start = made_of("megadoc", ("/texts", "text-0"), ("/texts", "text-1"), ("/pages", "page"), ("/pages", "page"))
    assert told(monkeypatch, rows, start, tmp_path) == ["/texts text-0", "/texts text-1", "/pages page", "/crawl page"]


def test_roots_without_end_are_followed_only_so_far(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rows: Rows = {(f"/{n}", "a"): made_of("a", (f"/{n + 1}", "a")) for n in range(20)}
    lines = told(monkeypatch, rows, made_of("a", ("/0", "a")), tmp_path)
    assert lines[:-1] == [f"/{n} a" for n in range(lineage.MAX_DEPTH)]
    assert lines[-1] == "more roots lie behind these 8: gristmill explain goes on from the last one"


def test_a_root_that_is_gone_is_named(tmp_path: Path) -> None:
    class NoSession(Root):
        spark = None  # type: ignore[assignment]

    recipe = recipe_of({"run": {"name": "r", "dump": "D", "input": ["x"]}})
    here = Context(recipe=recipe, root=NoSession(None, str(tmp_path / "here")), progress=Progress(quiet=True), stages=())
    gone = str(tmp_path / "gone")
    lines = list(lineage.lineage(here, [made_of("m", (gone, "a"), (gone, "b"))], tell=lambda _, row: []))
    assert lines == [f"from {gone}: no run is there any more, so the story of a, b cannot be told further", ""]


def test_a_parent_is_shown_with_its_place() -> None:
    row = {"parents": [{"root": "/p", "id": "a", "start": 3, "end": 9}, {"root": "/t", "id": "b", "start": None, "end": None}]}
    assert list(lineage.parts(row)) == [
        "  parent              a in /p, here characters 3-9",
        "  parent              b in /t",
    ]
