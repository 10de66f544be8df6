"""Pack on a small corpus: every format holds every document as often as it should, in the same bytes however the work is cut."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from jobs.engine.errors import LedgerError, RecipeError
from jobs.explain.story import explain
from jobs.pack.cards import cards
from jobs.pack.law import proved
from jobs.pack.stage import facts, run
from jobs.pack.story import story
from jobs.pack.vocabulary import check
from tests.pack.published import documents, job, write_corpus
from tests.planning import planned
from udfs.tokens.encoders import open_encoder
from udfs.tokens.vocabulary import GPT2, Vocabulary

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
SETTINGS: dict[str, Any] = {
    "sequence_length": 128,
    "shard_tokens": 3000,
    "epochs": 2,
    "formats": ["megatron", "mds", "parquet", "nanogpt", "llmc"],
}


@pytest.fixture(scope="module")
def packed(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the documents once, in two chunks."""
    root = write_corpus(tmp_path_factory.mktemp("pack") / "root", documents())
    made = job(spark, root, **SETTINGS)
    check(made)
    ledger = run(made).check("pack")
    assert ledger.as_json()["in"] == 60 and ledger.as_json()["dropped"] == {"no_tokens": 1}
    assert facts(made)["packed"]["tokens"] == json.loads((root / "packed/manifest.json").read_text())["tokens"]
    return root


def product(root: Path) -> dict[str, bytes]:
    """Read every file of the product but the markers, which have a fingerprint of where chunks begin."""
    files = (path for path in sorted((root / "packed").rglob("*")) if path.is_file() and "_chunks" not in path.parts)
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def read_back(root: Path, epoch: int) -> dict[tuple[str, int], list[int]]:
    """Put the documents together again from the Parquet files and the spans, by id and copy."""
    found: dict[tuple[str, int], dict[int, list[int]]] = defaultdict(dict)
    for path in sorted((root / f"packed/epoch-{epoch}/spans").glob("*.parquet")):
        rows = pq.read_table(root / f"packed/epoch-{epoch}/parquet/{path.name}").to_pylist()
        for row, spans in zip(rows, pq.read_table(path).to_pylist(), strict=True):
            ends = [span["at"] + span["end"] - span["start"] for span in spans["documents"]]
            assert row["document_ends"] == ends and set(row["input_ids"][ends[-1] :]) <= {50_256}
            for span, end in zip(spans["documents"], ends, strict=True):
                found[span["id"], span["copy"]][span["start"]] = row["input_ids"][span["at"] : end]
    return {one: [token for start in sorted(pieces) for token in pieces[start]] for one, pieces in found.items()}


def test_every_document_stands_in_every_epoch_as_often_as_it_has_copies(packed: Path) -> None:
    encode = open_encoder(Vocabulary(GPT2), "definition")
    wanted = {
        (row["id"], copy): [*encode([row["text"]])[0].tolist(), 50_256]
        for row in documents()
        if row["text"]
        for copy in range(1, row["copies"] + 1)
    }
    assert read_back(packed, 0) == wanted == read_back(packed, 1)


def test_every_format_has_the_same_sequences_in_another_order_each_epoch(packed: Path) -> None:
    manifest = json.loads((packed / "packed/manifest.json").read_text())
    sizes = Counter((one["epoch"], one["shard"], one["sequences"]) for one in manifest["files"] if one["name"].endswith(".idx"))
    assert len(sizes) == manifest["shards"] > 4 and max(n for *_, n in sizes) - min(n for *_, n in sizes) <= 1
    epochs = []
    for epoch in (0, 1):
        folder, rows = packed / f"packed/epoch-{epoch}", []
        for path in sorted((folder / "parquet").glob("*.parquet")):
            ids = np.array(pq.read_table(path).column("input_ids").to_pylist(), "<u2")
            assert len(ids) * 128 <= 3000
            assert (folder / f"megatron/{path.stem}.bin").read_bytes() == ids.tobytes()
            assert (folder / f"nanogpt/{path.stem}.bin").read_bytes() == ids.tobytes()
            assert (folder / f"llmc/{path.stem}.bin").read_bytes()[1024:] == ids.tobytes()
            rows += ids.tolist()
        index = json.loads((folder / "mds/index.json").read_text())
        assert sum(shard["samples"] for shard in index["shards"]) == len(rows)
        epochs.append(rows)
    assert epochs[0] != epochs[1] and sorted(epochs[0]) == sorted(epochs[1])


@pytest.mark.parametrize(("partitions", "chunks", "files"), [(1, 1, 1), (8, 3, 3)])
def test_neither_partitions_nor_chunks_nor_files_show_in_the_bytes(
    spark: "SparkSession", packed: Path, tmp_path: Path, partitions: int, chunks: int, files: int
) -> None:
    root = write_corpus(tmp_path / "root", documents()[::-1], chunks=chunks, files=files)
    with planned(spark, partitions=partitions):
        run(job(spark, root, **SETTINGS))
    assert product(root) == product(packed)


def test_a_killed_run_writes_only_the_shards_that_were_not_finished(spark: "SparkSession", packed: Path) -> None:
    before = product(packed)
    times = {path: path.stat().st_mtime_ns for path in (packed / "packed/_chunks").iterdir()}
    gone = packed / "packed/_chunks/epoch-1-shard-00001.json"
    gone.unlink()
    (packed / "packed/epoch-1/megatron/shard-00001.bin").write_bytes(b"half of")
    (packed / "packed/manifest.json").unlink()
    run(job(spark, packed, **SETTINGS))
    assert product(packed) == before
    assert {path for path, at in times.items() if path.stat().st_mtime_ns != at} == {gone}


def test_small_shards_are_written_by_few_tasks(spark: "SparkSession", tmp_path: Path) -> None:
    root, context = write_corpus(tmp_path / "root", documents(40)), spark.sparkContext
    context.setJobGroup("small shards", "small shards")
    run(job(spark, root, sequence_length=64, shard_tokens=64, formats=["nanogpt"]))
    tracker = context.statusTracker()
    jobs = [tracker.getJobInfo(number) for number in tracker.getJobIdsForGroup("small shards")]
    stages = [tracker.getStageInfo(number) for job in jobs if job is not None for number in job.stageIds]
    most = max(stage.numTasks for stage in stages if stage is not None)
    assert len([*(root / "packed/epoch-0/nanogpt").iterdir()]) > 100 and most < 10


def test_explain_leads_from_a_sequence_to_its_documents_and_back(spark: "SparkSession", packed: Path) -> None:
    made = job(spark, packed, **SETTINGS)
    first = pq.read_table(packed / "packed/epoch-1/spans/shard-00002.parquet").to_pylist()[3]["documents"]
    told = explain(made.context, "1:2:3")
    assert told[0].startswith("epoch 1, shard 2, sequence 3: ")
    assert [line.split()[3].rstrip(",") for line in told[1::2]] == [one["id"] for one in first]
    assert told[2].strip() == f"https://{int(first[0]['id'][4:]) % 4}.example/{first[0]['id'][4:]}"
    assert explain(made.context, "2:99999") == []
    told = list(story(made.context, first[0]["id"], "00000"))
    assert any(line.split()[0] == "1:2:3" for line in told[1:])
    shown = {card.title: card for card in cards(made.context)}
    assert ("documents cut more often than they must be", 0) in shown["Sequences"].rows
    assert [row[0] for row in shown["Tokens by language"].rows] == ["en", "no"]


def test_a_sequence_that_is_lost_breaks_the_law(spark: "SparkSession", packed: Path) -> None:
    path = packed / "packed/epoch-0/spans/shard-00000.parquet"
    whole = path.read_bytes()
    try:
        pq.write_table(pq.read_table(path).slice(1), path)
        with pytest.raises(LedgerError, match="do not stand in the sequences as often as they should"):
            proved(job(spark, packed, **SETTINGS))
    finally:
        path.write_bytes(whole)


def test_what_no_tokenizer_has_is_refused_before_any_work(spark: "SparkSession", tmp_path: Path) -> None:
    beyond = ({"pad": -1}, "-1 is no token"), ({"pad": 60_000}, "60000 is no token of gpt2")
    for settings, said in (({"eos": "<end>"}, "'<end>' is no token of gpt2"), *beyond):
        with pytest.raises(RecipeError, match=said):
            check(job(spark, tmp_path, **settings))
