"""A root as dedup leaves it, in two chunks, and random documents with planted repeats, awkward characters and addresses."""

import itertools
import random
from pathlib import Path

import pyarrow as pa

from jobs.engine.job import Context, Job
from jobs.engine.root import Root
from jobs.passages import STAGE
from jobs.passages.settings import Passages
from tests.dedup import small_run
from tests.dedup.small_root import write_json, write_signals, write_table
from udfs.edits.edit import Edit, apply
from udfs.edits.edited_text import merged
from udfs.signals import c4, pii
from udfs.signals.sets import EDITS

CHUNKS = ("00000", "00001")
VOCABULARY = [
    "the",
    "mill",
    "grinds",
    "corn,",
    "and",
    "4",
    "wheels:",
    "turn",
    "😀",
    "slowly",
    "“by”",
    "day",
    "né",
    "水",
    "𝔸b",
    "don't",
    "3.5",
    "ok",
    "stone",
    "water",
    "flows;",
    "over",
]


def random_texts(seed: int, *, documents: int = 60) -> dict[str, str]:
    """Make documents of which a good part of the lines, and of the runs inside lines, was in one before."""
    draw = random.Random(seed)
    lines: list[str] = []
    texts = {}
    for number in range(documents):
        text = []
        for place in range(draw.randint(1, 7)):
            kind = draw.random()
            # of one line C4's rules leave something, so that no document is blank before the stage
            line = " ".join(draw.choices(VOCABULARY, k=draw.randint(1 if place else 4, 16)))
            if lines and kind < 0.3 and (place or number % 2):
                line = draw.choice(lines)
            elif lines and kind < 0.5:
                line = f"{line} {draw.choice(lines)} tail{number}"
            elif kind < 0.55:
                line = f"  {line} write to some.body{number % 3}@mill.org today "
            elif kind < 0.6 and place:
                line = ""
            lines.append(line)
            text.append(line)
        texts[f"<urn:uuid:{seed}-{number}>"] = draw.choice(("\n", "\r\n", "\n")).join(text)
    return texts


def signal_edits(text: str, *, c4_lines: bool) -> list[Edit]:
    """Return what annotate proposes for a text: line edits and addresses outside of them."""
    lines = c4.measure(text)[1] if c4_lines else ()
    inside = {place for edit in lines for place in range(edit.start, edit.end)}
    return sorted((*lines, *(edit for edit in pii.spans(text) if inside.isdisjoint(range(edit.start, edit.end)))))


def seen_text(text: str, *, c4_lines: bool) -> str:
    """Return what the stage sees of a text."""
    return apply(text, c4.measure(text)[1]) if c4_lines else text


def write_deduped(folder: Path, texts: dict[str, str], *, c4_lines: bool, dropped: str = "") -> None:
    """Write documents, signals and decisions/dedup; the document named `dropped` was a duplicate."""
    ids = list(texts)
    for number, chunk in enumerate(CHUNKS):
        mine = ids[number :: len(CHUNKS)]
        write_json(folder / f"plan/{chunk}.json", {"files": []})
        write_json(folder / f"documents/_chunks/{chunk}.json", {"fingerprint": "x", "failed_files": []})
        documents = {
            "id": mine,
            "dump": ["D"] * len(mine),
            "url": mine,
            "file_path": ["f"] * len(mine),
            "offset": list(range(len(mine))),
            "text": [texts[id_] for id_ in mine],
            "outcome": ["extracted"] * len(mine),
        }
        write_table(folder / f"documents/chunk={chunk}/kind=document", pa.table(documents))
        write_signals(folder, {chunk: signals_of({id_: texts[id_] for id_ in mine}, c4_lines=c4_lines)})
        outcomes = ["dropped" if id_ == dropped else "kept" for id_ in mine]
        decided = {"id": mine, "outcome": outcomes, "group_size": [1] * len(mine)}
        write_table(folder / f"decisions/dedup/chunk={chunk}", pa.table(decided))


def signals_of(texts: dict[str, str], *, c4_lines: bool) -> pa.Table:
    """Return the signals that the stage and publish read."""
    edits = [signal_edits(text, c4_lines=c4_lines) for text in texts.values()]
    columns = {
        "line_edits": [[edit._asdict() for edit in some if edit.kind == "c4_lines"] for some in edits],
        "address_edits": [[edit._asdict() for edit in some if edit.kind != "c4_lines"] for some in edits],
    }
    return pa.table(
        {
            "id": list(texts),
            "language": ["en"] * len(texts),
            "token_count": [-1] * len(texts),
            **{name: pa.array(values, EDITS) for name, values in columns.items()},
        }
    )


def passages_context(root: Root, settings: Passages) -> Context:
    """Make what the stages are given."""
    given = small_run.recipe(passages=settings.model_dump(exclude_none=True), publish={"columns": []})
    return small_run.context(root, given)


def passages_job(root: Root, settings: Passages) -> Job[Passages]:
    """Make what the stage is given."""
    return passages_context(root, settings).job(STAGE)


def left_of(text: str, edits: list[Edit], cuts: list[Edit]) -> str:
    """Return the text with both made, and see that together they are in order and apart."""
    both = merged([edits, cuts])
    assert all(one.end <= two.start for one, two in itertools.pairwise(both))
    return apply(text, both)
