"""Training of a tokenizer: the sample and the vocabulary do not show how a corpus is cut into files."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.engine.errors import RefusedError
from jobs.tokenizer.sample import Reservoir, Shares, Text, draw, parsed_shares
from jobs.tokenizer.settings import TokenizerSettings, TokenizerTrainError
from jobs.tokenizer.train import train

WORDS = {"en": "the house and the garden stand near a river", "de": "das Haus und der Garten liegen an einem Fluss"}
SETTINGS = TokenizerSettings(vocabulary=400, sample_mb=1, holdout=0.2)


def texts() -> list[dict[str, str]]:
    return [
        {"text": " ".join([*WORDS[language].split()[n % 5 :], f"number {n}"] * 3), "language": language}
        for n in range(60)
        for language in WORDS
    ]


def cut(folder: Path, parts: int) -> str:
    """Write the texts as a published corpus of so many files, in another order for each number."""
    rows = [*texts()[parts:], *texts()[:parts]]
    for number in range(parts):
        for language in WORDS:
            place = folder / f"dump=A/language={language}/chunk={number:05}"
            place.mkdir(parents=True)
            mine = [{"text": row["text"]} for row in rows[number::parts] if row["language"] == language]
            pq.write_table(pa.Table.from_pylist(mine, schema=pa.schema([("text", pa.string())])), place / "part.parquet")
    return str(folder)


def test_a_corpus_of_one_three_and_eight_parts_makes_the_same_vocabulary(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    found = [
        train(str(tmp_path / f"{parts}/t.json"), corpus=[cut(tmp_path / f"corpus-{parts}", parts)], settings=SETTINGS)
        for parts in (1, 3, 8)
    ]
    assert len({one.sha256 for one in found}) == 1 and found[0].texts + found[0].fertility[-1].texts == len(texts())
    file = json.loads((tmp_path / "1/t.json").read_text("utf-8"))
    assert 300 < len(file["model"]["vocab"]) == found[0].vocabulary <= 400 and file["model"]["vocab"]["<|endoftext|>"] == 0
    report = json.loads((tmp_path / "1/t.report.json").read_text("utf-8"))
    assert [one["language"] for one in report["fertility"]] == ["de", "en", "all"]
    assert all(1 <= one["tokens_a_word"] < one["gpt2_tokens_a_word"] for one in report["fertility"] if one["language"] == "de")


def test_a_reservoir_keeps_the_smallest_hashes_up_to_its_bytes_and_a_text_once() -> None:
    every = [(key, Text("x" * 10, "", str(key))) for key in (5, 3, 9, 1, 7, 3)]
    for order in (every, every[::-1]):
        kept = Reservoir(25)
        for key, text in order:
            kept.offer(key, text)
        assert [text.stratum for text in kept.texts()] == ["1", "3", "5"]


def test_shares_say_how_much_of_each_language_is_drawn(tmp_path: Path) -> None:
    corpus = cut(tmp_path / "corpus", 2)
    shares = Shares("language", {"de": 0.75, "en": 0.25})
    drawn, held = draw([corpus], size=4000, holdout=0.1, seed=1, shares=shares)
    sizes = {language: sum(len(one.text) for one in drawn if one.language == language) for language in WORDS}
    assert 3000 <= sizes["de"] <= 3200 and 1000 <= sizes["en"] <= 1200
    assert not {one.text for one in drawn} & {one.text for one in held}


def test_shares_that_make_no_sense_are_refused() -> None:
    assert parsed_shares([]) == Shares() and parsed_shares(["dump:A=1"]) == Shares("dump", {"A": 1.0})
    for wrong in (["language:de=0.5"], ["de=1"], ["language:de=x"], ["language:de=0.5", "dump:A=0.5"], ["colour:red=1"]):
        with pytest.raises(RefusedError, match="shares are given for one column of language, dump"):
            parsed_shares(wrong)


def test_what_cannot_be_trained_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "some.txt").write_text("a b c\n")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    for corpus, out, settings, shares, said in (
        ("empty.txt", "t.json", SETTINGS, None, "has no text to learn from"),
        ("broken.parquet", "t.json", SETTINGS, None, r"broken\.parquet cannot be read \(.*Mend it, or leave it out"),
        ("some.txt", "t.model", SETTINGS, None, "ends in .json"),
        ("some.txt", "t.json", TokenizerSettings(vocabulary=256), None, "alone are 257 tokens"),
        ("some.txt", "t.json", SETTINGS, Shares("language", {"de": 1.0}), "has no column language"),
    ):
        with pytest.raises(RefusedError, match=said):
            train(str(tmp_path / out), corpus=[str(tmp_path / corpus)], settings=settings, shares=shares)
    assert not (tmp_path / "t.json").exists() and issubclass(TokenizerTrainError, RefusedError)
