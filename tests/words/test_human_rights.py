"""The Declaration of Human Rights in languages that put a mark where others have a space: the rules see its words and sentences."""

import gzip
import json
from pathlib import Path

import pytest

from udfs.signals import c4, gopher, sentences
from udfs.words.split import split_words

pytestmark = pytest.mark.real


@pytest.mark.parametrize(
    ("language", "words", "sentence_count", "lines"),
    [("amh", 488, 30, 24), ("bod", 1733, 30, 30), ("hye", 664, 35, 29)],
    ids=["amharic", "tibetan", "armenian"],
)
def test_words_and_sentences_are_counted_and_every_line_stays(
    shared_data: Path, language: str, words: int, sentence_count: int, lines: int
) -> None:
    with gzip.open(shared_data / "real/aux/lid/udhr_paragraphs.jsonl.gz", "rt", encoding="utf-8") as rows:
        text = "\n".join(row["text"] for row in map(json.loads, rows) if row["iso639_3"] == language)
    assert text.count("\n") + 1 == lines
    assert gopher.quality(text, split_words(text))["word_count"] == words
    assert sentences.measure(text) == {"sentence_count": sentence_count}
    assert c4.measure(text)[0]["c4_lines_dropped"] == 0
