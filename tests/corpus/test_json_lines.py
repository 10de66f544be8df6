import gzip
import itertools
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.corpus.corpus import accounted, fates, jsonl, packed, read
from tests.fuzz.profiles import fuzzed
from udfs.corpus.columns import CorpusColumns
from udfs.documents.file_row import FileRange

KINDS = ("plain", "gzip", "zstd")


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_every_line_gives_one_row_and_a_reason(tmp_path: Path, kind: str) -> None:
    lines: list[tuple[bytes, tuple[str, str | None, str | None]]] = [
        (b'{"text": "Good."}', ("extracted", None, "Good.")),
        (b'{"text": "  kept as it is \\n"}', ("extracted", None, "  kept as it is \n")),
        (b'{"text": "Windows"}\r', ("extracted", None, "Windows")),
        (b'\xef\xbb\xbf{"text": "A mark before."}', ("extracted", None, "A mark before.")),
        (b'{"text": "a\\u0000b\\ud800c"}', ("extracted", None, "ab\ufffdc")),
        (b'{"text": "first", "text": "last"}', ("extracted", None, "last")),
        (b'{"text": "x", "score": NaN, "far": -Infinity}', ("extracted", None, "x")),
        (b'{"text": " \\n\\t\\u00a0"}', ("dropped", "empty_text", None)),
        (b'{"text": ""}', ("dropped", "empty_text", None)),
        (b'{"text": null}', ("failed", "no_text", None)),
        (b'{"txt": "x"}', ("failed", "no_text", None)),
        (b'{"text": 5}', ("failed", "no_text", None)),
        (b'{"text": ["x"]}', ("failed", "no_text", None)),
        (b'{"text": NaN}', ("failed", "no_text", None)),
        (b'{"text": "broken', ("failed", "bad_row", None)),
        (b'["text"]', ("failed", "bad_row", None)),
        (b'"text"', ("failed", "bad_row", None)),
        (b"null", ("failed", "bad_row", None)),
        (b"\0", ("failed", "bad_row", None)),
        (b'{"text": "raw \x00 NUL"}', ("failed", "bad_row", None)),
        (b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", ("failed", "bad_row", None)),
        (b'{"text": "x", "n": ' + b"9" * 5000 + b"}", ("failed", "bad_row", None)),
        (b'{"text": "\xff"}', ("failed", "invalid_utf8", None)),
        (b'{"text": "\xed\xa0\x80"}', ("failed", "invalid_utf8", None)),
        (b'{"text": "' + b"x" * (1 << 20) + b'"}', ("failed", "too_large", None)),
        ('{"text": "Schluß"}'.encode(), ("extracted", None, "Schluß")),
    ]
    path = write(tmp_path / "a.jsonl", packed(b"\n".join(line for line, _ in lines), kind))
    documents, (told,) = read(path)
    assert fates(documents) == [fate for _, fate in lines]
    assert all((row["error"] is not None) == (row["outcome"] == "failed") for row in documents)
    assert (told["outcome"], told["records"], told["spans_skipped"]) == ("read", [("row", len(lines))], [])
    assert accounted(told) == (path.stat().st_size, path.stat().st_size)


def test_errors_say_what_is_wrong(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", b'{"a"\n[1]\n{"text": 5}\n\xff\n' + b"x" * 30 + b"\n")
    documents, _ = read(path, max_row_bytes=20)
    assert [row["error"] for row in documents] == [
        "the line is not JSON: Expecting ':' delimiter: line 1 column 5 (char 4)",
        "the line holds no JSON object but list",
        "the text is no string but int",
        "the line is not UTF-8: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
        "the line has 31 bytes, more than 20",
    ]


def test_a_row_without_id_is_named_by_the_byte_of_its_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", b'{"text": "A"}\n\n  \r\n{"text": "B", "id": ""}\nno\n{"text": "C", "id": 17}\n')
    documents, (told,) = read(path)
    assert [(row["id"], row["offset"], row["length"]) for row in documents] == [
        (f"{path}#0", 0, 14),
        (f"{path}#19", 19, 24),
        (f"{path}#43", 43, 3),
        ("17", 46, 24),
    ]
    assert accounted(told) == (70, 70)


def test_values_that_no_column_can_hold_are_mended(tmp_path: Path) -> None:
    row = {"text": "x", "id": "i\0\ud800", "url": ["no"], "language": {"en": 1, "de": 2}, "dump": "\ud800"}
    kept = {"s": "\ud800", "n": None, "f": float("nan"), "list": [1, float("nan")], "flag": True, "b": {"ü": 1}}
    path = write(tmp_path / "a.jsonl", jsonl([row | kept]))
    documents, _ = read(path, columns=CorpusColumns(carry=tuple(kept)))
    only = documents[0]
    assert (only["id"], only["url"], only["page_language"], only["dump"]) == ("i\ufffd", None, "de", "\ufffd")
    assert only["carried"] == [("s", "\ufffd"), ("list", "[1, null]"), ("flag", "true"), ("b", '{"ü": 1}')]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.ndjson", "a.jsonl.gz", "A.JSONL.ZST", "a.json.zstd", "a.txt"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_first_bytes_tell_how_a_file_is_compressed(tmp_path: Path, name: str, kind: str) -> None:
    documents, _ = read(write(tmp_path / name, packed(b'{"text": "Words."}', kind)))
    assert fates(documents) == [("extracted", None, "Words.")]


def test_an_empty_file_has_no_rows_and_is_read(tmp_path: Path) -> None:
    documents, told = read(write(tmp_path / "a.jsonl", b""), write(tmp_path / "b.jsonl.gz", gzip.compress(b"")))
    assert (documents, [(row["outcome"], row["records"]) for row in told]) == ([], [("read", []), ("read", [])])


def test_what_is_no_corpus_is_a_failed_file(tmp_path: Path) -> None:
    page = write(tmp_path / "page.html", b"<html>")
    documents, told = read(tmp_path / "absent.jsonl", page)
    assert documents == []
    assert [(row["outcome"], row["reason"], row["error"]) for row in told] == [
        (
            "failed",
            "unreadable",
            f"{tmp_path}/absent.jsonl: it does not exist. Correct the path; on a cluster every worker must see it.",
        ),
        (
            "failed",
            "unknown_format",
            f"{page}: it is neither Parquet nor JSONL (it begins with b'<htm'), so no row was read. Take it out of [run] input",
        ),
    ]


def many(count: int = 3000) -> list[dict[str, Any]]:
    rng = random.Random(1)
    return [{"text": " ".join(rng.choices(["alpha", "beta", "gamma", "ü"], k=40)), "id": str(n)} for n in range(count)]


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_of_a_file_that_breaks_off_the_rows_before_are_read_and_the_rest_is_listed(tmp_path: Path, kind: str) -> None:
    rows = many()
    whole = packed(jsonl(rows), kind)
    path = write(tmp_path / "a.jsonl", whole[: len(whole) // 2])
    documents, (told,) = read(path)
    good = [row["text"] for row in documents if row["outcome"] == "extracted"]
    assert len(good) > 500
    assert good == [row["text"] for row in rows[: len(good)]]
    assert [row["reason"] for row in documents[len(good) :]] in ([], ["bad_row"])  # the line that is cut
    assert told["outcome"] == "read"
    assert "it cannot be decompressed beyond" in told["spans_skipped"][0]["why"]
    assert accounted(told) == (path.stat().st_size, path.stat().st_size)
    assert (documents, 1) == (read(path)[0], 1)


def test_damage_in_the_middle_ends_a_compressed_file_there(tmp_path: Path) -> None:
    data = bytearray(packed(jsonl(many()), "gzip"))
    data[len(data) // 2 : len(data) // 2 + 2000] = b"\xff" * 2000
    documents, (told,) = read(write(tmp_path / "a.jsonl.gz", bytes(data)))
    assert (len(documents) > 500, told["outcome"], len(told["spans_skipped"])) == (True, "read", 1)
    assert 0 < told["bytes_skipped"] <= len(data) - len(data) // 2 + (1 << 14)


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_file_of_which_nothing_can_be_decompressed_is_failed(tmp_path: Path, kind: str) -> None:
    head = packed(jsonl(many()), kind)[:10]
    documents, (told,) = read(write(tmp_path / "a.jsonl", head + bytes(range(256)) * 20))
    assert (documents, told["outcome"], told["reason"]) == ([], "failed", "damaged")


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_compressed_parts_one_behind_the_other_are_one_file(tmp_path: Path, kind: str) -> None:
    cut = jsonl([{"text": "Words in two halves."}])
    zeros = bytes(700) if kind == "gzip" else b""
    path = write(tmp_path / "a.jsonl", packed(cut[:9], kind) + packed(b"", kind) + packed(cut[9:], kind) + zeros)
    documents, (told,) = read(path)
    assert fates(documents) == [("extracted", None, "Words in two halves.")]
    assert (told["spans_skipped"], accounted(told)) == ([], (path.stat().st_size, path.stat().st_size))


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_without_an_end_costs_no_memory(tmp_path: Path, kind: str) -> None:
    import tracemalloc

    path = write(tmp_path / "a.jsonl", packed(b'{"text": "' + b"x" * (64 << 20) + b'"}\n{"text": "Words."}', kind))
    tracemalloc.start()
    documents, _ = read(path, max_row_bytes=1 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert fates(documents) == [("failed", "too_large", None), ("extracted", None, "Words.")]
    assert documents[0]["error"] == f"the line has {(64 << 20) + 13} bytes, more than 1048576"
    assert peak < 12 << 20


LINE = st.one_of(
    st.fixed_dictionaries({"text": st.text(max_size=12)}).map(
        lambda row: json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")
    ),
    st.binary(max_size=12),
    st.sampled_from([b"", b" \r", b'{"text": "\xc3\xbc\xf0\x9f\x98\x80"}', b"\xef\xbb\xbf{}"]),
)


@fuzzed(100)
@given(
    lines=st.lists(LINE, max_size=8),
    last=st.sampled_from([b"", b"\n"]),
    cuts=st.lists(st.integers(1, 120), max_size=6),
    data=st.data(),
)
def test_ranges_of_any_size_give_the_rows_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], last: bytes, cuts: list[int], data: st.DataObject
) -> None:
    body = b"\n".join(lines) + last
    path = write(tmp_path_factory.mktemp("ranges") / "a.jsonl", body)
    if body[:2] == b"\x1f\x8b" or body[:4] in (b"PAR1", b"\x28\xb5\x2f\xfd"):
        return
    whole, (told,) = read(path)
    edges = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    ranges = [FileRange(str(path), 3, start, end) for start, end in itertools.pairwise(edges)]
    if not ranges:
        return
    parts, rows = read(*data.draw(st.permutations(ranges)))
    assert sorted(parts, key=lambda row: row["offset"]) == whole
    assert sum(row["bytes_records"] for row in rows) == told["bytes_records"] == len(body)
