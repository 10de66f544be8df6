"""The fast encoder is believed only as long as a sample says so; a page that raises costs itself. No JVM is started."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from jobs.engine.errors import RecipeError
from jobs.pack import tokenised
from tests.runs import changed, tiny
from udfs.tokens import token_batches
from udfs.tokens.encoders import Encode, Engine
from udfs.tokens.token_batches import Tokenise, TokenSettings
from udfs.tokens.vocabulary import Vocabulary


def letters(wrong: bool) -> Encode:
    """Encode a text as the numbers of its letters; a wrong one takes x for y, and both refuse a question mark."""

    def encode(texts: Sequence[str]) -> tuple[Any, Any]:
        if any("?" in text for text in texts):
            raise ValueError("no question")
        lists = [[ord(letter) + (wrong and letter == "x") for letter in text] for text in texts]
        return np.array([one for some in lists for one in some], np.uint32), np.cumsum([0, *map(len, lists)])

    return encode


def opened(vocabulary: Vocabulary, engine: Engine) -> Encode:
    return letters(wrong=engine == "fastest")


def rows(texts: list[str], **settings: Any) -> list[dict[str, Any]]:
    batch = pa.RecordBatch.from_pydict(
        {
            "id": [f"urn:{n}" for n in range(len(texts))],
            "text": texts,
            "language": ["en"] * len(texts),
            "domain": ["a"] * len(texts),
            "copies": [1] * len(texts),
        }
    )
    (made,) = Tokenise(TokenSettings(Vocabulary("v"), "fastest", 2, **settings))([batch])
    found: list[dict[str, Any]] = made.to_pylist()
    return found


def test_a_sample_says_where_the_fast_encoder_gives_other_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_batches, "open_encoder", opened)
    assert [row["same"] for row in rows(["ab", "ax", ""], check_every=1)] == [True, False, True]
    assert {row["same"] for row in rows(["ab", "ax"])} == {None}


def test_special_tokens_stand_around_a_text_and_an_empty_one_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_batches, "open_encoder", opened)
    found = rows(["ab", ""], bos=1, eos=2)
    assert [np.frombuffer(row["tokens"], "<u2").tolist() for row in found] == [[1, 97, 98, 2], []]
    assert [row["count"] for row in found] == [4, 0]


def test_a_text_that_raises_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_batches, "open_encoder", opened)
    found = rows(["ab", "?", "b"], check_every=1)
    assert [(row["tokens"], row["count"], row["error"]) for row in found] == [
        (b"a\0b\0", 2, None),
        (None, 0, "ValueError: no question"),
        (b"b\0", 1, None),
    ]


def test_a_chunk_whose_sample_differs_is_tokenised_again_by_the_definition(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []

    def write(job: Any, rows: Any, chunk: str, *, engine: Engine) -> dict[str, Any]:
        asked.append(engine)
        return {"engine": engine, "checked": 64, "other_ids": 3 if engine == "fastest" else 0}

    monkeypatch.setattr(tokenised, "_write", write)
    monkeypatch.setattr(tokenised, "documents", lambda corpus, chunk: None)
    found = tokenised._chunk(SimpleNamespace(), None, "00000", engine="fastest")  # type: ignore[arg-type]
    assert asked == ["fastest", "definition"] and found["engine"] == "definition"
    assert "other ids than the definition for 3 of 64 documents" in caplog.text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"tokenizer": "model.bin"}, "is neither gpt2 nor a file named"),
        ({"shard_tokens": 100}, "is less than one sequence"),
        ({"formats": ["mds", "mds"]}, "one is named twice"),
        ({"formats": []}, "formats"),
        ({"sequence_length": 2}, "sequence_length"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        changed(tiny([Path("x")]), pack=settings)
