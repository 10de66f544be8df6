"""What bench/dedup/measure.py rests on: its corpora, its reference, its faults, and its reading of processes and event logs."""

import itertools
import json
import os
import shutil
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.dataset as ds
import pytest

from bench import process_usage
from bench.dedup.corpus import Corpus, Page, edit, fresh, page, spell, write_corpus
from bench.dedup.curve import farthest_off, meet
from bench.dedup.events import Cost, costs
from bench.dedup.index_growth import Spent, growth_table, spent_since
from bench.dedup.join import Asked
from bench.dedup.oracle import Case, check_corpora, kept_by_reference, shingles_of, witness_faults
from bench.dedup.scale import ratio_lines, template
from bench.dedup.sketch import quality_of, sketching_of
from bench.dedup.speed import speed_table
from bench.dedup.truth import texts_of
from bench.process_usage import watch
from jobs.dedup.settings import Dedup, NearDuplicates
from jobs.recipe.minhash import MinHash
from udfs.similarity.minhash import jaccard, shingle_hashes

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MINHASH = MinHash()
SKETCHING = sketching_of(MINHASH)


def rows(root: Path) -> list[dict[str, Any]]:
    files = [str(file) for file in (root / "documents").glob("chunk=*/kind=document/*.parquet")]
    table = ds.dataset(files, format="parquet").to_table(columns=["id", "url_key", "digest", "date", "text"])
    return sorted(table.to_pylist(), key=lambda row: str(row["id"]))


def test_a_corpus_is_the_same_however_it_is_cut(tmp_path: Path) -> None:
    corpus = Corpus(documents=60, words=50, bucket=5, group=5, header=(1, 2, 3))
    sizes = [
        write_corpus(tmp_path / "whole", corpus, chunk_documents=60, cores=1),
        write_corpus(tmp_path / "cut", corpus, chunk_documents=7, cores=1),
    ]
    assert sizes[0] == sizes[1] == sum(len(row["text"]) for row in rows(tmp_path / "cut"))
    assert rows(tmp_path / "whole") == rows(tmp_path / "cut")
    assert len({row["id"] for row in rows(tmp_path / "cut")}) == 60


def test_an_edit_leaves_about_the_similarity_aimed_at() -> None:
    rng = np.random.default_rng(1)
    for similarity in (0.5, 0.75, 0.9, 1.0):
        measured = []
        for _ in range(20):
            words = fresh(700, rng)
            measured.append(jaccard(shingle_hashes(spell(words), 5), shingle_hashes(spell(edit(words, similarity, rng)), 5)))
        assert np.mean(measured) == pytest.approx(similarity, abs=0.03)


def test_a_quarter_of_the_documents_are_near_duplicates_of_earlier_ones_and_texts_are_as_long_as_on_the_web() -> None:
    corpus = Corpus(documents=400)
    texts = {str(number): page(corpus, number).text for number in range(400)}
    assert 3000 < np.mean([len(text) for text in texts.values()]) < 4500
    later = {pair[1] for pair in texts_of("made", texts, 5).pairs}
    # an edit aims at 0.5 to 1, so that a few fall short of 0.5
    assert 0.18 < len(later) / 400 < 0.3


def test_pages_of_the_planted_bucket_share_a_band_and_little_else() -> None:
    corpus = Corpus(documents=100, bucket=40, group=20, header=template(SKETCHING, words=700))
    shingles = {number: shingle_hashes(page(corpus, number).text, 5) for number in range(100)}
    planted = [number for number in range(100) if corpus.place(number) == "bucket"]
    bands = [(SKETCHING.sketch(shingles[number]) or b"")[: 4 * MINHASH.rows] for number in planted]
    assert len(planted) == 40
    assert max(bands.count(band) for band in bands) >= 38
    assert max(jaccard(shingles[a], shingles[b]) for a, b in itertools.combinations(planted, 2)) < 0.3
    group = [shingles[number] for number in range(100) if corpus.place(number) == "group"]
    assert len(group) == 20
    assert min(jaccard(a, b) for a, b in itertools.combinations(group, 2)) > 0.7


WORDS = [f"w{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(100)]


def made_case(texts: list[str], *, urls: str, exact_text: bool = True) -> Case:
    """Make pages whose survivor order is that of the texts: ids are chosen by the quality that they give."""
    by_quality = sorted(range(1000), key=lambda n: (quality_of(f"<{n}>") is None, -(quality_of(f"<{n}>") or 0)))
    numbers = by_quality[:: 1000 // len(texts)]
    pages = [Page(id=f"<{n}>", text=text, url_key=url) for n, text, url in zip(numbers, texts, urls, strict=False)]
    minhash = MinHash(ngram=2, bands=32, rows=2)
    return Case(
        pages=pages,
        asked=Asked(minhash, Dedup(near_duplicates=NearDuplicates(min_similarity=0.6), exact_text=exact_text)),
        sketches={p.id: sketching_of(minhash).sketch(shingle_hashes(p.text, 2)) for p in pages},
        shingles={p.id: shingles_of(p.text, 2) for p in pages},
    )


def kept(case: Case) -> str:
    survivors = kept_by_reference(case)
    return "".join(page.url_key for page in case.pages if page.id in survivors)


def test_the_reference_does_not_follow_a_chain() -> None:
    a, b, c = " ".join(WORDS[:40]), " ".join(WORDS[8:48]), " ".join(WORDS[16:56])
    assert kept(made_case([a, b, c], urls="abc")) == "ac"


def test_the_reference_drops_a_url_and_a_text_that_are_kept_already_and_never_a_blank_text_for_being_blank() -> None:
    one, two, like, unlike = (" ".join(WORDS[at : at + 30]) for at in (0, 30, 8, 60))
    assert kept(made_case([one, two, one, like], urls="abca")) == "ab"
    assert kept(made_case([one, two, one, unlike], urls="abca")) == "aba"
    assert kept(made_case(["…", "!", "…"], urls="abc", exact_text=False)) == "abc"
    assert kept(made_case(["…", "!", "…"], urls="abc")) == "ab"


def test_every_wrong_witness_and_group_is_a_fault() -> None:
    case = made_case([" ".join(WORDS[:40]), " ".join(WORDS[1:41]), " ".join(WORDS[50:90])], urls="abc")
    first, second, third = (page.id for page in case.pages)
    stays: dict[str, Any] = {"outcome": "kept", "reason": None, "duplicate_of": None, "similarity": None}
    right: dict[str, dict[str, Any]] = {
        first: {**stays, "group_id": first, "group_size": 2},
        second: {
            "outcome": "dropped",
            "reason": "near_duplicate",
            "duplicate_of": first,
            "similarity": 38 / 40,
            "group_id": first,
            "group_size": 2,
        },
        third: {**stays, "group_id": third, "group_size": 1},
    }
    assert witness_faults(case, right) == []
    wrong: list[tuple[str, dict[str, object]]] = [
        (second, {"similarity": 0.94}),
        (second, {"reason": "exact_text"}),
        (second, {"reason": "exact_url"}),
        (second, {"duplicate_of": third, "group_id": third, "group_size": 2}),
        (second, {"duplicate_of": second, "group_id": second}),
        (first, {"group_size": 1}),
        (third, {"group_id": first}),
        (third, {"similarity": 1.0}),
    ]
    for id_, change in wrong:
        assert witness_faults(case, right | {id_: right[id_] | change}) != [], change


def test_signatures_meet_if_one_band_is_equal_and_a_missing_one_meets_none() -> None:
    minhash = MinHash(ngram=1, bands=2, rows=2)
    one, shifted, banded = (np.array(values, "<u4").tobytes() for values in ([1, 2, 3, 4], [9, 1, 2, 3], [9, 9, 3, 4]))
    assert [meet(one, other, minhash) for other in (one, shifted, banded, None)] == [True, False, True, False]


def test_the_curve_is_judged_in_standard_errors_where_chance_decides() -> None:
    points = [
        {"from": 0.5, "pairs": 100, "measured": 0.6, "expected": 0.5},
        {"from": 0.6, "pairs": 100, "measured": 0.51, "expected": 0.5},
        {"from": 0.9, "pairs": 100, "measured": 0.9, "expected": 0.9999},
    ]
    assert farthest_off(points) == pytest.approx(2.0)


def test_all_pairs_are_found_with_their_jaccard() -> None:
    texts = {"a": "x y z", "b": "x y z", "c": "x y q", "d": "…", "e": "…"}
    assert texts_of("some", texts, 1).pairs == {("a", "b"): 1.0, ("a", "c"): 0.5, ("b", "c"): 0.5}


def test_a_command_is_watched_with_all_that_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"  # the busy process stays until its work has been looked at
    busy = f"import time, pathlib\nwhile time.process_time() < 0.8: pass\nwhile not pathlib.Path({str(seen)!r}).exists(): time.sleep(0.1)"
    parent = f"import subprocess, sys; held = b'x' * (200 << 20); subprocess.run([sys.executable, '-c', {busy!r}])"
    looked = process_usage.look_at_all

    def look() -> dict[int, process_usage.Look]:
        looks = looked()
        if any(
            looks[one.parent].parent == os.getpid() and one.cpu_seconds >= 0.8 for one in looks.values() if one.parent in looks
        ):
            seen.touch()
        return looks

    monkeypatch.setattr(process_usage, "look_at_all", look)
    usage = watch([sys.executable, "-c", parent], log=tmp_path / "log")
    assert 0.8 <= usage.cpu_seconds < 60 and usage.wall_seconds > 0.8
    assert usage.python_peak_mb >= 200 and usage.java_peak_mb == 0
    with pytest.raises(SystemExit, match="no such luck"):
        watch([sys.executable, "-c", "raise SystemExit('no such luck')"], log=tmp_path / "log")


def test_the_memory_of_a_jvm_that_forks_is_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forked = tmp_path / "forked"
    fork = "import os, sys, time; held = bytearray(300 << 20); os.fork() or (open('/proc/self/comm', 'w').write('Executor task l'), open(sys.argv[1], 'w')); "
    fork += "deadline = time.monotonic() + 600\nwhile not os.path.exists(sys.argv[1] + '.seen') and time.monotonic() < deadline: time.sleep(0.02)"
    looked = process_usage.look_at_all

    def look() -> dict[int, process_usage.Look]:
        looks = looked()
        mine = [one for one in looks.values() if one.name == "Executor task l" and looks[one.parent].name == "java"]
        if forked.exists() and mine:
            Path(f"{forked}.seen").touch()
        return looks

    monkeypatch.setattr(process_usage, "look_at_all", look)
    java = tmp_path / "java"
    shutil.copy2(os.path.realpath(sys.executable), java)
    usage = watch([java, "-c", fork, forked], log=tmp_path / "log", environment={"PYTHONHOME": sys.base_prefix})
    assert usage.java_peak_mb >= 300 and usage.python_peak_mb == 0


def test_a_command_beyond_its_limit_is_stopped_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child"
    sleeps = "import subprocess, sys; subprocess.run(['sh', '-c', f'echo $$ > {sys.argv[1]}.new; mv {sys.argv[1]}.new {sys.argv[1]}; exec sleep 9999'])"
    looked = process_usage.look_at_all

    def look() -> dict[int, process_usage.Look]:
        spent = 51.0 if child.exists() else 0.0  # both are there when the limit is met
        return {pid: replace(one, cpu_seconds=spent) for pid, one in looked().items()}

    monkeypatch.setattr(process_usage, "look_at_all", look)
    usage = watch([sys.executable, "-c", sleeps, child], log=tmp_path / "log", limits=process_usage.Limits(cpu_seconds=50))
    assert usage.stopped and usage.cpu_seconds > 50
    left = looked().get(int(child.read_text()))
    assert left is None or left.state == "Z"


def test_shuffled_bytes_are_told_by_the_table_that_was_written(tmp_path: Path) -> None:
    sql = "org.apache.spark.sql.execution.ui.SparkListenerSQLExecution"
    command = "Execute InsertIntoHadoopFsRelationCommand file:/root/dedup/bench/pairs, false, Parquet"

    def task(stage: int, shuffled: int) -> dict[str, object]:
        metrics = {
            "Shuffle Write Metrics": {"Shuffle Bytes Written": shuffled},
            "Disk Bytes Spilled": 1,
            "Output Metrics": {"Bytes Written": 2},
        }
        return {"Event": "SparkListenerTaskEnd", "Stage ID": stage, "Task Metrics": metrics}

    writes = {"simpleString": "AdaptiveSparkPlan", "children": [{"simpleString": command, "children": []}]}
    counts = {"simpleString": "HashAggregate", "children": []}
    events = [
        {"Event": f"{sql}Start", "executionId": 7, "time": 1000, "sparkPlanInfo": writes},
        {"Event": f"{sql}Start", "executionId": 8, "time": 1000, "sparkPlanInfo": counts},
        {"Event": "SparkListenerJobStart", "Stage IDs": [1, 2], "Properties": {"spark.sql.execution.id": "7"}},
        {"Event": "SparkListenerJobStart", "Stage IDs": [2, 3], "Properties": {"spark.sql.execution.id": "8"}},
        {"Event": "SparkListenerJobStart", "Stage IDs": [4], "Properties": {}},
        *(task(stage, 10**stage) for stage in (1, 2, 3, 4)),
        {"Event": f"{sql}End", "executionId": 7, "time": 3500},
    ]
    (tmp_path / "local-1").write_text("".join(json.dumps(event) + "\n" for event in events))
    assert costs(tmp_path, Path("/root")) == {
        "dedup/bench/pairs": Cost(seconds=2.5, shuffled=110, spilled=2, written=4),
        "no table": Cost(seconds=0.0, shuffled=11_000, spilled=2, written=4),
    }


def test_what_asking_the_index_took_is_what_the_log_says_from_then_on(tmp_path: Path) -> None:
    metrics = {
        "Input Metrics": {"Records Read": 3, "Bytes Read": 40},
        "Shuffle Write Metrics": {"Shuffle Bytes Written": 5},
        "Executor CPU Time": 2_000_000_000,
    }
    job, task = {"Event": "SparkListenerJobStart"}, {"Event": "SparkListenerTaskEnd", "Task Metrics": metrics}
    before = "".join(json.dumps(event) + "\n" for event in (job, task))
    after = "".join(json.dumps(event) + "\n" for event in (job, task, {"Event": "SparkListenerTaskEnd"}, task))
    (tmp_path / "log").write_text(before + after)
    spent = spent_since(tmp_path / "log", len(before))
    assert spent == Spent(jobs=1, tasks=2, rows_read=6, bytes_read=80, shuffled=10, cpu_s=4.0)
    run = {"old": 40_000, "new": 20_000, "called": 1000, "s": 2.5, **asdict(spent)}
    row = growth_table({"machine": "m", "runs": [run]})[-1]
    assert row == "| 40,000 | 20,000 | 1,000 | 2.5 | 4.0 | 1 | 2 | 6 | 0 | 0.0 |"


def test_speed_is_told_as_the_reference_over_ours() -> None:
    side = {"wall_seconds": 300.0, "cpu_seconds": 400.0, "kept": 7, "seconds": {"signatures": 290.0}}
    ours = {"wall_seconds": 25.0, "cpu_seconds": 50.0, "decisions": {"kept": 8}, "seconds": {"signatures": 15.0}}
    found = {"documents": 10, "megabytes": 1.0, "cores": 2, "machine": "m", "datatrove": side, "gristmill": ours}
    assert speed_table(found)[-1] == "| ratio | **12.0×** | **8.0×** | | |"


def test_scale_is_told_as_a_share_of_the_smallest_runs_rate() -> None:
    small = {"documents": 100, "bucket": 0, "seconds": {"signatures": 1.0, "join": 2.0}}
    large = {"documents": 1000, "bucket": 5, "seconds": {"signatures": 10.0, "join": 25.0}}
    assert ratio_lines([small, large]) == ["1,000 documents, with the planted giants, against 100: signatures 100%, join 80%."]


@pytest.mark.spark
def test_dedup_equals_datasketchs_loop_on_corpora_of_every_shape(spark: "SparkSession", tmp_path: Path) -> None:
    verdict = check_corpora(spark, tmp_path, seeds=(0, 3), ways=1, documents=300)
    assert verdict.faults == []
    assert (verdict.corpora, verdict.documents, verdict.runs) == (2, 1200, 4)
    assert verdict.dropped == verdict.witnesses > 300 and verdict.reasons["near_duplicate"] > 200
