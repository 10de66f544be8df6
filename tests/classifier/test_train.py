import gzip
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from jobs.classifier import train as train_module
from jobs.classifier.examples import TrainError, corpus_examples, labelled_examples
from jobs.classifier.held_out import Metrics, measure
from jobs.classifier.train import TrainSettings, train
from jobs.main import app
from udfs.models.model_file import load_fasttext, sha256_of
from udfs.signals.quality import QualityModel

SMALL = TrainSettings(dim=8, bucket=1000, epoch=10, lr=0.5, holdout=0.25)
SUBJECTS = ("theorem", "river", "engine", "poem", "planet", "virus", "market", "sonata", "glacier", "verb")


def good(number: int) -> str:
    subject = SUBJECTS[number % 10]
    return f"Lesson {number} explains why the {subject} behaves as it does.\nThe proof follows from the definition."


def bad(number: int) -> str:
    return f"Click here now {number} to buy a cheap {SUBJECTS[number % 10]} online.\nFree shipping, best price!"


@pytest.fixture
def corpora(tmp_path: Path) -> tuple[Path, Path]:
    for name, make in (("good", good), ("bad", bad)):
        rows = [json.dumps({"text": make(number)}) for number in range(120)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    return tmp_path / "good.jsonl", tmp_path / "bad.jsonl"


def test_a_model_is_trained_and_does_well_on_what_it_did_not_see(corpora: tuple[Path, Path], tmp_path: Path) -> None:
    report = train(tmp_path / "out" / "q.bin", positives=corpora[:1], negatives=corpora[1:], settings=SMALL)
    held = report.held_out
    assert sum(report.trained.values()) + held.positives + held.negatives == 240
    assert min(held.positives, held.negatives) > 10
    assert (held.precision, held.recall, held.f1, held.auc) == (1.0, 1.0, 1.0, 1.0)
    assert [p.name for p in sorted((tmp_path / "out").iterdir())] == ["q.bin", "q.json"]
    assert report.sha256 == sha256_of(report.path)
    saved = json.loads((tmp_path / "out" / "q.json").read_text("utf-8"))
    assert (saved["sha256"], saved["settings"]["bucket"], saved["held_out"]["auc"]) == (report.sha256, 1000, 1.0)


def test_the_model_scores_pages_as_it_was_measured(corpora: tuple[Path, Path], tmp_path: Path) -> None:
    report = train(tmp_path / "q.bin", positives=corpora[:1], negatives=corpora[1:], settings=SMALL)
    quality = QualityModel(report.path, sha256=report.sha256)
    high, low = quality.score(good(500)), quality.score(bad(500))
    assert high is not None and low is not None
    assert low < 0.5 < high


def test_the_same_examples_make_the_same_bytes_in_any_order(corpora: tuple[Path, Path], tmp_path: Path) -> None:
    rows = [("hq", good(n)) for n in range(120)] + [("cc", bad(n)) for n in range(120)]
    mixed = tmp_path / "mixed.jsonl"
    mixed.write_text("".join(json.dumps({"label": k, "text": t}) + "\n" for k, t in reversed(rows)), "utf-8")
    first = train(tmp_path / "a.bin", positives=corpora[:1], negatives=corpora[1:], settings=SMALL)
    second = train(tmp_path / "b.bin", labelled=[mixed], settings=SMALL)
    third = train(tmp_path / "c.bin", labelled=[mixed], settings=replace(SMALL, seed=2))
    assert (first.sha256, first.held_out, first.trained) == (second.sha256, second.held_out, second.trained)
    assert third.sha256 != first.sha256


def test_empty_repeated_and_contradictory_texts_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [("hq", good(n)) for n in range(20)] + [("cc", bad(n)) for n in range(20)]
    rows += [("hq", ""), ("cc", " \n"), ("hq", good(1)), ("hq", bad(2)), ("cc", good(3).replace("\n", " "))]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps({"label": k, "text": t}) + "\n" for k, t in rows), "utf-8")
    report = train(tmp_path / "q.bin", labelled=[tmp_path / "rows.jsonl"], settings=replace(SMALL, holdout=0.0))
    assert (report.empty, report.repeated, report.contradictory) == (2, 3, 2)
    assert report.trained == {"__label__cc": 19, "__label__hq": 19}
    assert report.held_out == Metrics(0, 0, None, None, None, None)


def test_a_text_cannot_label_itself(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("".join(f"good __label__cc words {n}\n" for n in range(40)), "utf-8")
    (tmp_path / "bad.txt").write_text("".join(f"bad __label__zz words {n}\n" for n in range(40)), "utf-8")
    report = train(tmp_path / "q.bin", positives=[tmp_path / "good.txt"], negatives=[tmp_path / "bad.txt"], settings=SMALL)
    labels = load_fasttext(report.path, report.sha256).predict("good words", k=-1)[0]
    assert sorted(labels) == sorted(report.trained) == ["__label__cc", "__label__hq"]
    assert report.held_out.auc == 1.0


def test_a_nan_lowers_the_learning_rate_loudly(
    corpora: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    real = train_module._trained

    def nan_above_a_quarter(path: Path, settings: TrainSettings) -> Any:
        if settings.lr > 0.25:
            raise RuntimeError("Encountered NaN.")
        return real(path, settings)

    monkeypatch.setattr(train_module, "_trained", nan_above_a_quarter)
    report = train(tmp_path / "q.bin", positives=corpora[:1], negatives=corpora[1:], settings=replace(SMALL, lr=1.0))
    assert report.settings.lr == 0.25
    assert caplog.text.count("met a NaN") == 2


def test_a_nan_at_every_rate_is_an_error_that_leaves_nothing(
    corpora: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nan(path: Path, settings: TrainSettings) -> Any:
        raise RuntimeError("Encountered NaN.")

    monkeypatch.setattr(train_module, "_trained", nan)
    with pytest.raises(TrainError, match=r"NaN at every lr down to 0\.0625"):
        train(tmp_path / "out" / "q.bin", positives=corpora[:1], negatives=corpora[1:], settings=SMALL)
    assert list((tmp_path / "out").iterdir()) == []


def test_one_label_alone_is_refused_with_what_was_found(corpora: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(TrainError, match=r"found __label__cc: \d+: a model of one label"):
        train(tmp_path / "q.bin", negatives=corpora[1:], settings=SMALL)
    with pytest.raises(TrainError, match="found none"):
        train(tmp_path / "q.bin", settings=SMALL)


def test_precision_recall_and_auc_of_a_small_case() -> None:
    found = measure([True, True, True, False, False], [0.9, 0.6, 0.2, 0.6, 0.1])
    assert found == Metrics(3, 2, precision=2 / 3, recall=2 / 3, f1=2 / 3, auc=(2 + 1.5 + 1) / 6)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])), max_size=30))
def test_auc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[bool, float]]) -> None:
    pairs = [(p > n) + 0.5 * (p == n) for yes, p in rows if yes for no, n in rows if not no]
    auc = measure([truth for truth, _ in rows], [score for _, score in rows]).auc
    assert auc == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)


def test_a_corpus_is_read_from_parquet_folders_text_and_json_lines(tmp_path: Path) -> None:
    part = tmp_path / "corpus" / "dump=a" / "language=en"
    part.mkdir(parents=True)
    (tmp_path / "corpus" / "stage.json").write_text("{}", "utf-8")
    pq.write_table(pa.table({"id": ["1", "2"], "text": ["one\ntwo", None]}), part / "part-0.parquet")
    (tmp_path / "lines.txt").write_text("first\rstill first\nsecond", "utf-8", newline="")
    with gzip.open(tmp_path / "rows.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write('{"text": "third"}\n\n')
    read = corpus_examples([tmp_path / "corpus", tmp_path / "lines.txt", tmp_path / "rows.jsonl.gz"], label="__label__x")
    assert [text.strip(" ") for _, text in read] == ["one two", "", "first\rstill first", "second", "third"]


def test_labelled_rows_are_read_from_tsv_and_parquet(tmp_path: Path) -> None:
    (tmp_path / "rows.tsv").write_text('label\ttext\nhq\ta "quoted text\n__label__cc\tb\n', "utf-8")
    pq.write_table(pa.table({"text": ["c"], "label": [1], "more": [0]}), tmp_path / "rows.parquet")
    assert list(labelled_examples([tmp_path / "rows.tsv", tmp_path / "rows.parquet"])) == [
        ("__label__hq", 'a "quoted text'),
        ("__label__cc", "b"),
        ("__label__1", "c"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.csv", "a", "in no format that can be read"),
        ("rows.txt", "a", "in no format that can be read for label and text"),
        ("rows.jsonl", '{"text": "a", "class": 1}\n', "has no column 'label'; it has text, class"),
        ("rows.jsonl", '{"text": "a", "label": "two words"}\n', "has the label 'two words' in row 1:"),
        ("rows.jsonl", '{"text": "a", "label": null}\n', "has the label ''"),
        ("rows.jsonl", "not json\n", "line 1 is not JSON"),
        ("rows.tsv", "text\tclass\na\tb\n", "has no column 'label'"),
    ],
)
def test_a_file_that_cannot_be_learned_from_is_named(tmp_path: Path, name: str, content: str, said: str) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(TrainError, match=said):
        list(labelled_examples([tmp_path / name]))


def test_a_path_without_examples_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match="does not exist"):
        list(corpus_examples([tmp_path / "absent.txt"], label="__label__x"))
    with pytest.raises(TrainError, match="holds no Parquet file"):
        list(corpus_examples([tmp_path], label="__label__x"))


def test_a_model_whose_scores_hardly_differ_is_told_of(corpora: tuple[Path, Path], tmp_path: Path) -> None:
    def said(*more: str) -> str:
        given = ["--positives", str(corpora[0]), "--negatives", str(corpora[1]), "--bucket", "1000", "--holdout", "0.25"]
        done = CliRunner().invoke(app, ["train", "--out", str(tmp_path / "q.bin"), *given, *more])
        assert done.exit_code == 0, done.output
        return done.output

    assert "nine of ten held-out texts score from 0." in said("--epoch", "1", "--lr", "0.001")
    assert "nine of ten" not in said("--epoch", "10", "--lr", "0.5", "--dim", "8")
