"""What the rephrasing worker writes is what megadocs weaves: both workers, one after the other, without Spark."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.endpoint.stub_server import serving
from tests.rephrase.working import LISTED, PLAIN, corpus, rephrase, work
from udfs.megadocs.group import WeaveSettings
from udfs.megadocs.worker import PIECE_FIELDS, weave_pieces
from udfs.rephrase.style import Style

PAGES = [
    f"Page {n} says that the mill of town {n} ground {n} sacks a day, and that nobody knew why it stopped." for n in range(3)
]


def woven(documents: list[dict[str, Any]], settings: WeaveSettings) -> list[dict[str, Any]]:
    """Weave the documents of a rephrasing worker and the pages p0, p1, …, in the order in which Spark hands them over."""
    pages = [
        {"page_id": f"p{n}", "is_page": True, "root": "/pages", "id": f"p{n}", "nth": 0, "text": text}
        for n, text in enumerate(PAGES)
    ]
    texts = [
        {
            "page_id": row["parents"][0]["id"],
            "is_page": False,
            "root": "/texts",
            "gaps": int(dict(row["carried"]).get("gaps", settings.generations)),
            **{name: row[name] for name in ("id", "nth", "text")},
        }
        for row in documents
    ]
    rows = sorted([*pages, *texts], key=lambda row: (row["page_id"], not row["is_page"], row["nth"], row["id"]))
    batch = pa.RecordBatch.from_pylist(
        [{**row, "chunk": "00000"} for row in rows], schema=pa.schema([("chunk", pa.string()), *PIECE_FIELDS])
    )
    return [row for made in weave_pieces(settings)([batch]) for row in made.to_pylist()]


def test_rephrases_in_several_styles_are_stitched(tmp_path: Path) -> None:
    with serving() as stub:
        documents, _ = rephrase(corpus(tmp_path / "a.jsonl", PAGES), work(stub.url, tmp_path, PLAIN, LISTED))
    found = woven(documents, WeaveSettings("stitch", generations=3, min_generations=3))
    assert [row["id"] for row in found] == ["p0#stitch", "p1#stitch", "p2#stitch"]
    assert [parent["id"] for parent in found[1]["parents"]] == ["p1#listed.0", "p1#plain.0", "p1#listed.1", "p1"]
    texts = {row["id"]: row["text"] for row in documents} | {f"p{n}": text for n, text in enumerate(PAGES)}
    assert found[1]["text"] == "\n\n".join(texts[parent["id"]] for parent in found[1]["parents"])


def test_thoughts_stand_in_their_gaps_and_the_page_comes_back(tmp_path: Path) -> None:
    thought = Style("thought", replace(PLAIN.prompt, name="thought"), gaps=3)
    with serving() as stub:
        documents, _ = rephrase(corpus(tmp_path / "a.jsonl", PAGES), work(stub.url, tmp_path, thought))
    assert len({row["text"] for row in documents}) == 9
    found = woven(documents, WeaveSettings("stretch", generations=3, min_generations=3))
    for number, row in enumerate(found):
        page = f"p{number}"
        gaps = [f"{page}#thought.{gap}" for gap in range(3)]
        assert [parent["id"] for parent in row["parents"]] == [page, gaps[0], page, gaps[1], page, gaps[2], page]
        whole = "".join(row["text"][one["start"] : one["end"]] for one in row["parents"] if one["id"] == page)
        assert whole == PAGES[number]
