"""A run is priced before it starts, and a selection is cut into chunks of equal work."""

from pathlib import Path
from typing import get_args

import pytest

from jobs.crawl.cost import GATED_MB_PER_CORE_HOUR, MB_PER_CORE_HOUR, estimate
from jobs.crawl.index_filter import Selection, Warc, balanced
from jobs.engine.plan import Plan
from tests.runs import changed, tiny
from tests.whole_runs.corpora import reading
from udfs.documents.file_row import FileRange
from udfs.page.main_text import Extractor


def test_a_plan_is_priced_by_records_requests_and_bytes() -> None:
    selection = Selection("key", {"w": Warc(3000, 90 << 20, 1 << 30, 7200, 1 << 30)})
    part = FileRange("s3://commoncrawl/w", 0, warc="w", chosen=3000)
    recipe = changed(tiny([]), prices={"core_hour": 1, "per_1000_requests": 10, "per_gb": 0.5})
    lines = list(estimate(Plan({}, {"00000": (part,)}, selection=selection), recipe))
    waiting = (7200 * 0.1 + 1024 / 80) / 3600
    hours = 90 / 12_250 + waiting  # resiliparse, no gate
    assert lines == [
        "to read   1 files or ranges, 3,000 chosen records of 90 MB, about 1,024 MB by 7,200 requests, in 1 new chunks "
        "(0 files planned before)",
        f"estimate  {hours:.1f} core-hours for extract and annotate, {waiting:.1f} of them waiting: 12,250 MB in one, 0.1 s for each "
        "request, 80 MB/s",
        f"price     {hours + 72 + 0.5:.2f} dollars: {hours:.2f} for cores at 1.0 an hour, 72.0000 for requests at 10.0 a thousand, "
        "0.50 for bytes at 0.5 a GB",
    ]


@pytest.mark.parametrize("extractor", get_args(Extractor))
def test_a_plan_is_priced_by_the_rate_of_its_extractor_and_gate(extractor: Extractor, tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(bytes(1 << 20))
    plan = Plan({}, {"00000": (FileRange(str(tmp_path / "a.warc.gz"), 0),)})
    gate = {"languages": ["en"], "min_language_score": 0.3, "min_words": 40}
    for settings, rates in (
        ({"extractor": extractor}, MB_PER_CORE_HOUR),
        ({"extractor": extractor, "gate": gate}, GATED_MB_PER_CORE_HOUR),
        ({"extractor": extractor, "gate": gate | {"languages": []}}, MB_PER_CORE_HOUR),
    ):
        (line,) = [line for line in estimate(plan, changed(tiny([]), extract=settings)) if line.startswith("estimate")]
        assert f"{rates[extractor]:,.0f} MB in one" in line
    chosen = Plan(
        {}, {"00000": (FileRange("w", 0, warc="w", chosen=1),)}, selection=Selection("key", {"w": Warc(1, 1, 1, 1, 1)})
    )
    lines = list(estimate(chosen, changed(tiny([]), extract={"extractor": extractor, "gate": gate})))
    assert f"{MB_PER_CORE_HOUR[extractor]:,.0f} MB in one" in lines[1], "what is chosen passes the gate"


def test_a_gate_spares_every_extractor_work() -> None:
    assert all(GATED_MB_PER_CORE_HOUR[name] > MB_PER_CORE_HOUR[name] for name in get_args(Extractor))


def test_chunks_hold_about_equal_chosen_bytes() -> None:
    chosen = [100, 100, 900, 100]  # of 1,000 bytes each, one WARC a chunk: 1,200 bytes are two chunks
    warcs = {f"w{n}": Warc(1, size, size, 1, 1000) for n, size in enumerate(chosen)}
    chunks = balanced([FileRange(f"/in/{name}", 0) for name in warcs], selection=Selection("key", warcs), chunk_files=1)
    assert [[(file.warc, file.chosen) for file in chunk] for chunk in chunks] == [
        [("w0", 1), ("w1", 1)],
        [("w2", 1), ("w3", 1)],
    ]


def test_files_are_read_whole_by_one_request_each_and_ranges_look_at_the_beginning_too(tmp_path: Path) -> None:
    whole = tmp_path / "a.warc.gz"
    whole.write_bytes(bytes(3 << 20))
    parts = (FileRange(str(whole), 0), FileRange("b", 0, 0, 1 << 20), FileRange("b", 0, 1 << 20, 2 << 20))
    lines = list(estimate(Plan({"00000": parts[:1]}, {"00001": parts}), tiny([])))
    assert lines[0] == "to read   3 files or ranges, about 5 MB by 4 requests, in 1 new chunks (1 files planned before)"
    assert lines[2].startswith(
        "price     0.00 dollars: 0.00 for cores at 0.05 an hour, 0.0000 for requests at 0.0004 a thousand"
    )


def test_a_corpus_is_priced_by_its_text_and_parquet_by_blocks(tmp_path: Path) -> None:
    for name, megabytes in (("a.parquet", 10), ("b.jsonl.zst", 5), ("c.jsonl", 4)):
        (tmp_path / name).write_bytes(bytes(megabytes << 20))
    parts = (*(FileRange(str(path), 0) for path in sorted(tmp_path.iterdir())), FileRange("d.parquet", 0, 1 << 20, 11 << 20))
    lines = list(estimate(Plan({}, {"00000": parts}), reading(tiny([]), [])))
    text = 20 * 1.8 + 5 * 2.6 + 4
    requests = 2 * (1 + 1) + 10 + 2
    waiting = (requests * 0.1 + 29 / 80) / 3600
    assert lines[:2] == [
        f"to read   4 files or ranges, about 29 MB by {requests} requests, in 1 new chunks (0 files planned before)",
        f"estimate  {text / 5400 + waiting:.1f} core-hours for read and annotate about {text:.0f} MB of text, {waiting:.1f} of them waiting: "
        "5,400 MB in one, 0.1 s for each request, 80 MB/s",
    ]
