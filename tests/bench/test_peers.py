"""What bench/peers rests on: its exact pairs, its precision and recall, and its reading of results."""

import gzip
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.dedup.corpus import Corpus, page, page_id
from bench.peers.debian import pages_of, text_of
from bench.peers.judge import Judgement, Truth, judge, meetings, truth_of
from bench.peers.report import table
from bench.peers.sides import SIDES, Spark, command_of, ids_below
from bench.peers.texts import write_texts
from udfs.similarity.minhash import jaccard, shingle_hashes

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def words(start: int, stop: int) -> str:
    return " ".join(f"w{LETTERS[n // 26]}{LETTERS[n % 26]}" for n in range(start, stop))


# shingles of 5 words: 96 in each of the first three; 1 and 2 differ by 10 words at the ends: 86 of 106 (0.81); 1 and 3: 76 of 116
TEXTS = {"1": words(0, 100), "2": words(10, 110), "3": words(20, 120), "4": words(200, 300), "5": words(200, 300)}


def truth_over(
    texts: dict[str, str], folder: Path, *, group: frozenset[str] = frozenset(), cores: int = 1, files: int = 3
) -> Truth:
    """Measure texts that lie in some Parquet files."""
    size = -(-len(texts) // files)
    for nth in range(files):
        ids = list(texts)[nth * size : (nth + 1) * size]
        pq.write_table(pa.table({"id": ids, "text": [texts[id_] for id_ in ids]}), folder / f"texts-{nth}.parquet")
    return truth_of(sorted(folder.glob("texts-*.parquet")), folder, group=group, cores=cores)


def test_true_pairs_are_those_of_a_hand_made_set(tmp_path: Path) -> None:
    truth = truth_over(TEXTS, tmp_path)
    assert [(truth.ids[a], truth.ids[b]) for a, b in truth.pairs.tolist()] == [("1", "2"), ("2", "3"), ("4", "5")]


@pytest.mark.parametrize(("ranges", "cores"), [(0, 1), (3, 2)])
def test_judgements_are_those_of_brute_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ranges: int, cores: int) -> None:
    monkeypatch.setattr("bench.peers.judge.RANGES", ranges)
    monkeypatch.setattr("bench.peers.judge.PART", 30)
    corpus = Corpus(documents=200, words=60, near=0.7, group=20)
    texts = {page_id(corpus, number): page(corpus, number).text for number in range(200)}
    group = frozenset(id_ for number, id_ in enumerate(texts) if corpus.place(number) == "group")
    shingles = {id_: shingle_hashes(text, 5) for id_, text in texts.items()}
    alike = [pair for pair in itertools.combinations(texts, 2) if jaccard(*map(shingles.__getitem__, pair)) >= 0.75]
    outside = [pair for pair in alike if not group.intersection(pair)]
    assert len(outside) > 30
    truth = truth_over(texts, tmp_path, group=group, cores=cores)
    assert [(truth.ids[a], truth.ids[b]) for a, b in truth.pairs.tolist()] == outside
    gone = frozenset(list(texts)[::3]) | frozenset(sorted(group)[5:])
    both_ways = [*alike, *((b, a) for a, b in alike)]
    assert judge(truth, frozenset(texts) - gone) == Judgement(
        kept=200 - len(gone),
        dropped=len(gone),
        like_kept=len({a for a, b in both_ways if a in gone and b not in gone}),
        like_any=len({a for a, _ in both_ways if a in gone}),
        pairs=len(outside),
        found=sum(bool(gone.intersection(pair)) for pair in outside),
        group=20,
        group_kept=len(group - gone),
    )


def test_owners_of_one_value_meet_once() -> None:
    values, owners = np.array([7, 9, 7, 8, 7, 9], np.uint64), np.array([2, 2, 0, 1, 1, 0])
    assert meetings(values, owners).tolist() == [[0, 1], [0, 2], [1, 2]]
    assert meetings(np.array([], np.uint64), np.array([], np.int64)).tolist() == []


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        # 2 is like both; all three pairs are found
        ("134", Judgement(kept=3, dropped=2, like_kept=2, like_any=2, pairs=3, found=3, group=0, group_kept=0)),
        # by transitivity 3 goes for 1, which it is not like: it is like 2 alone, which went too
        ("14", Judgement(kept=2, dropped=3, like_kept=2, like_any=3, pairs=3, found=3, group=0, group_kept=0)),
        # 4 and 5 both stay, and 1 and 2 do
        ("1245", Judgement(kept=4, dropped=1, like_kept=1, like_any=1, pairs=3, found=1, group=0, group_kept=0)),
        ("12345", Judgement(kept=5, dropped=0, like_kept=0, like_any=0, pairs=3, found=0, group=0, group_kept=0)),
    ],
)
def test_drops_are_right_if_like_a_kept_one_and_a_pair_is_found_if_not_both_are_kept(
    tmp_path: Path, kept: str, expected: Judgement
) -> None:
    assert judge(truth_over(TEXTS, tmp_path), frozenset(kept)) == expected


def test_a_drop_that_is_like_nothing_is_wrong(tmp_path: Path) -> None:
    texts = TEXTS | {"6": words(400, 500)}
    told = judge(truth_over(texts, tmp_path), frozenset("12345"))
    assert (told.dropped, told.like_kept, told.like_any) == (1, 0, 0)


def test_the_planted_groups_pairs_are_not_listed_but_its_drops_are_judged(tmp_path: Path) -> None:
    corpus = Corpus(documents=100, group=20)
    ids = [page_id(corpus, number) for number in range(100)]
    group = frozenset(ids[number] for number in range(100) if corpus.place(number) == "group")
    truth = truth_over({id_: page(corpus, number).text for number, id_ in enumerate(ids)}, tmp_path, group=group)
    assert not any(truth.group[truth.pairs.ravel()])
    told = judge(truth, frozenset(ids) - frozenset(sorted(group)[1:]))
    assert (told.dropped, told.like_kept, told.group, told.group_kept) == (19, 19, 20, 1)
    told = judge(truth, frozenset(ids) - group)
    assert (told.like_kept, told.like_any, told.group_kept) == (0, 20, 0)


def test_ids_of_another_corpus_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"1 ids were kept that no text has, such as 9"):
        judge(truth_over(TEXTS, tmp_path), frozenset("19"))


def one_run(cpu: float, wall: float, *, stopped: bool = False, load: float = 1.0) -> dict[str, Any]:
    used = {"cpu_seconds": cpu, "wall_seconds": wall, "java_peak_mb": 1000, "python_peak_mb": 200, "stopped": stopped}
    return used | {"load_before": load, "load_after": load + 1} | ({} if stopped else {"kept": 3})


def test_the_table_has_medians_of_the_runs_that_ended_and_what_a_stopped_one_had_used(tmp_path: Path) -> None:
    write = {
        "corpus.json": {"documents": 5, "planted": False, "characters": 2_000_000},
        "gristmill.json": {"side": "gristmill", "runs": [one_run(90, 60), one_run(110, 64, load=3), one_run(91, 61)]},
        "datatrove.json": {"side": "datatrove", "runs": [one_run(3600, 4000, stopped=True)]},
        "judged.json": {
            "gristmill": {"dropped": 2, "like_kept": 2, "like_any": 2, "pairs": 3, "found": 2, "group": 4, "group_kept": 1}
        },
    }
    for name, value in write.items():
        (tmp_path / name).write_text(json.dumps(value))
    assert table(tmp_path) == [
        "5 documents, 2 million characters.",
        "",
        "| side | runs | CPU s | wall s | peak MB | load | kept | like a kept one | like any one | pairs found | of the group kept |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
        "| datatrove | stopped | more than 3,600 | more than 4,000 | 1,200 | 1 to 2 | – | not judged | not judged | not judged | not judged |",
        "| gristmill | 3 | 91 | 61 | 1,200 | 1 to 4 | 3 | 1 (2 of 2) | 1 (2 of 2) | 0.6667 (2 of 3) | 1 of 4 |",
    ]


def test_what_a_side_kept_is_read_from_its_files_and_no_id_may_come_twice(tmp_path: Path) -> None:
    for name, ids in (("a", ["1", "2"]), ("b/c", ["3"])):
        (tmp_path / name).mkdir(parents=True)
        pq.write_table(pa.table({"id": ids, "text": ids}), tmp_path / name / "part.parquet")
    assert ids_below(tmp_path) == {"1", "2", "3"}
    pq.write_table(pa.table({"id": ["2"]}), tmp_path / "again.parquet")
    with pytest.raises(SystemExit, match="has 1 ids more than once"):
        ids_below(tmp_path)


def test_an_unknown_side_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(SystemExit, match=r"'spark' is no side.*Sides are: .*distributed-curator"):
        command_of("spark", Path("root"), Path("result"), Path("work"), spark=Spark(), cache=Path("cache"))
    assert [side for side in SIDES if side.startswith("gristmill")] == ["gristmill", "gristmill, FineWeb"]


def test_real_texts_become_a_corpus_of_the_same_ids_and_texts(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"id": [str(n) for n in range(20)], "text": ["é" * n for n in range(20)]}), tmp_path / "some.parquet"
    )
    assert write_texts(tmp_path / "root", tmp_path / "some.parquet") == {"documents": 20, "characters": 190}
    assert ids_below(tmp_path / "root/documents") == {str(n) for n in range(20)}


def test_a_page_of_documentation_becomes_its_text_and_a_link_is_no_page(tmp_path: Path) -> None:
    manual, page_, link = tmp_path / "man/de/man1/a.1.gz", tmp_path / "doc/b.html", tmp_path / "doc/c.html"
    for file in (manual, page_):
        file.parent.mkdir(parents=True)
    manual.write_bytes(gzip.compress(b".TH A 1\n\\fBa\\fR zeigt \\(en nichts.\n'\\\" t\nEnde \\- \n"))
    page_.write_bytes("<html><meta charset=utf-8><p>Über uns</p>".encode())
    link.symlink_to(page_)
    (tmp_path / "doc/notes.gz").write_bytes(gzip.compress(b"no page"))
    assert [(file.name, " ".join(text_of(file).split())) for file in pages_of(tmp_path)] == [
        ("b.html", "Über uns"),
        ("a.1.gz", "a zeigt nichts. Ende"),
    ]
