"""The Declaration of Human Rights in languages that put a mark where others have a space: the rules see its words and sentences."""

import gzip
import json
from pathlib import Path

import pytest

from udfs.signals import c4, fineweb, gopher, sentences
from udfs.words.split import split_words

pytestmark = pytest.mark.real


@pytest.mark.parametrize(
    ("language", "words", "sentence_count", "lines", "ended"),
    [("amh", 487, 30, 24, 22), ("tir", 574, 36, 27, 23), ("bod", 1604, 30, 30, 0), ("hye", 664, 35, 29, 25)],
    ids=["amharic", "tigrinya", "tibetan", "armenian"],
)
def test_words_and_sentences_are_counted_and_every_line_stays(
    shared_data: Path, language: str, words: int, sentence_count: int, lines: int, ended: int
) -> None:
    with gzip.open(shared_data / "real/aux/lid/udhr_paragraphs.jsonl.gz", "rt", encoding="utf-8") as rows:
        text = "\n".join(row["text"] for row in map(json.loads, rows) if row["iso639_3"] == language)
    assert text.count("\n") + 1 == lines
    cut = split_words(text)
    assert gopher.quality(text, cut)["word_count"] == words
    assert (
        fineweb.measure(text, cut)["fineweb_terminal_line_ratio"] == ended / lines
    )  # no shad of Tibetan ends a sentence for datatrove
    assert sentences.measure(text) == {"sentence_count": sentence_count}
    assert c4.measure(text)[0]["c4_lines_dropped"] == 0
