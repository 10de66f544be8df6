import itertools
import random
import struct
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.corpus.corpus import accounted, fates, parquet, read
from tests.fuzz.profiles import fuzzed
from tests.reading.range_server import served
from udfs.corpus.columns import CorpusColumns
from udfs.corpus.document import CorpusRow
from udfs.corpus.parquet_rows import open_parquet, read_rows
from udfs.corpus.planning import ranges_of
from udfs.documents.file_row import FileRange
from udfs.reading.location import InputFile
from udfs.reading.seekable import SeekableFile

BAD_UTF8 = pa.Array.from_buffers(pa.string(), 2, [None, pa.py_buffer(struct.pack("<3i", 0, 1, 2)), pa.py_buffer(b"\xffa")])


@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.large_string(), pa.binary(), pa.large_binary(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())],
)
def test_text_may_be_stored_in_any_way(tmp_path: Path, kind: pa.DataType) -> None:
    text = pa.array(["Schluß.", None, "a\0b", " "], pa.string()).cast(kind)
    documents, (told,) = read(parquet(tmp_path / "a.parquet", {"text": text}))
    assert fates(documents) == [
        ("extracted", None, "Schluß."),
        ("failed", "no_text", None),
        ("extracted", None, "ab"),
        ("dropped", "empty_text", None),
    ]
    assert [row["id"] for row in documents] == [f"{told['file_path']}#{number}" for number in range(4)]
    assert (told["records"], accounted(told)) == ([("row", 4)], (told["end"], told["end"]))


@pytest.mark.parametrize("text", [[{"a": "b"}], [["b"]], [1.5], [date(2020, 1, 1)]])
def test_a_text_that_is_no_string_is_a_failed_row(tmp_path: Path, text: list[Any]) -> None:
    documents, _ = read(parquet(tmp_path / "a.parquet", {"text": text}))
    assert fates(documents) == [("failed", "no_text", None)]


def test_one_bad_value_costs_one_row(tmp_path: Path) -> None:
    far = pa.array([253402300800 * 10**6, 0], pa.timestamp("us"))  # the year 10000
    columns = {"text": BAD_UTF8, "id": ["1", "2"]}
    documents, _ = read(
        parquet(tmp_path / "a.parquet", columns), parquet(tmp_path / "b.parquet", {"text": ["A", "B"], "date": far})
    )
    assert fates(documents) == [
        ("failed", "invalid_utf8", None),
        ("extracted", None, "a"),
        ("failed", "bad_row", None),
        ("extracted", None, "B"),
    ]
    assert documents[0]["error"].startswith("a value is not UTF-8: ")
    assert documents[3]["date"] == "1970-01-01T00:00:00Z"


def test_a_row_over_the_limit_is_failed(tmp_path: Path) -> None:
    documents, _ = read(parquet(tmp_path / "a.parquet", {"text": ["x" * 200, "y"]}), max_row_bytes=100)
    assert fates(documents) == [("failed", "too_large", None), ("extracted", None, "y")]


def test_a_file_without_row_groups_has_no_rows_and_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.ParquetWriter(path, pa.schema([("text", pa.string())])).close()
    documents, (told,) = read(path, parquet(tmp_path / "b.parquet", {"text": pa.array([], pa.string())}))[0], read(path)[1]
    assert (documents, told["outcome"], told["records"], accounted(told)) == ([], "read", [], (told["end"], told["end"]))


@pytest.mark.parametrize("damage", ["cut", "no magic", "footer", "empty", "length"])
def test_a_file_without_a_sound_footer_is_failed(tmp_path: Path, damage: str) -> None:
    path = parquet(tmp_path / "a.parquet", {"text": ["Words."] * 50})
    data = path.read_bytes()
    broken = {
        "cut": data[: len(data) // 2],
        "no magic": data[:-4] + b"XXXX",
        "footer": data[:-60] + b"\xff" * 52 + data[-8:],
        "empty": b"",
        "length": data[:-8] + b"\xff\xff\xff\x7f" + data[-4:],
    }[damage]
    path.write_bytes(broken)
    documents, (told,) = read(path)
    assert (documents, told["outcome"], told["reason"]) == ([], "failed", "not_parquet")
    assert told["error"].startswith(f"{path}: it is no Parquet file, or its footer is damaged (")


def test_a_missing_column_is_a_failed_file_that_lists_the_columns(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", {"content": ["A"], "b": [1]})
    documents, (told,) = read(path)
    assert (documents, told["outcome"], told["reason"]) == ([], "failed", "missing_column")
    assert told["error"] == (
        f"{path} has no column 'text', and no document can be made of its rows. Its columns are b, content: name one of them as text"
    )
    assert fates(read(path, columns=CorpusColumns(text=("text", "content")))[0]) == [("extracted", None, "A")]


def test_a_damaged_row_group_costs_its_rows_and_is_listed(tmp_path: Path) -> None:
    texts = [f"Text number {number} " + "x" * 2000 for number in range(300)]
    options: dict[str, Any] = {"row_group_size": 100, "data_page_size": 10_000, "use_dictionary": False, "compression": "none"}
    path = parquet(tmp_path / "a.parquet", {"text": texts}, write_page_checksum=True, **options)
    group = pq.ParquetFile(path).metadata.row_group(1).column(0)
    data = bytearray(path.read_bytes())
    middle = group.data_page_offset + group.total_compressed_size // 2
    data[middle : middle + 500] = bytes(500)
    path.write_bytes(data)
    documents, (told,) = read(path)
    numbers = [row["offset"] for row in documents]
    assert [row["text"] for row in documents] == [texts[number] for number in numbers]
    read_before = sum(100 <= number < 200 for number in numbers)
    assert numbers == [*range(100 + read_before), *range(200, 300)]
    assert 0 <= read_before < 100
    (span,) = told["spans_skipped"]
    assert (told["outcome"], span["offset"], span["length"]) == ("read", group.data_page_offset, group.total_compressed_size)
    assert span["why"].startswith(
        f"{100 - read_before} of 100 rows of row group 1, from row {100 + read_before}, cannot be read: "
    )
    assert accounted(told) == (len(data), len(data))


def test_a_file_of_which_no_row_can_be_read_is_failed(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", {"text": ["x" * 3000] * 9}, compression="zstd", use_dictionary=False)
    column = pq.ParquetFile(path).metadata.row_group(0).column(0)
    data = bytearray(path.read_bytes())
    data[column.data_page_offset : column.data_page_offset + column.total_compressed_size] = bytes(column.total_compressed_size)
    path.write_bytes(data)
    documents, (told,) = read(path)
    assert (documents, told["outcome"], told["reason"]) == ([], "failed", "damaged")


def whole_and_parts(path: Path, ranges: list[FileRange]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    parts, told = read(*ranges)
    assert sum(row["bytes_records"] + row["bytes_skipped"] for row in told) == path.stat().st_size
    return read(path)[0], sorted(parts, key=lambda row: row["offset"])


@fuzzed(30)
@given(cuts=st.lists(st.floats(0, 1), max_size=6), group=st.integers(1, 40), rows=st.integers(0, 60))
def test_ranges_of_any_size_give_the_rows_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[float], group: int, rows: int
) -> None:
    columns = {"junk": ["z" * 50] * rows, "text": pa.array([f"Text {n}" for n in range(rows)], pa.string())}
    path = parquet(tmp_path_factory.mktemp("ranges") / "a.parquet", columns, row_group_size=group)
    size = path.stat().st_size
    edges = sorted({0, size, *(int(cut * size) for cut in cuts)})
    ranges = [FileRange(str(path), 3, start, end) for start, end in itertools.pairwise(edges)]
    whole, parts = whole_and_parts(path, ranges)
    assert (parts, [row["offset"] for row in parts]) == (whole, list(range(rows)))


def test_planned_ranges_hold_row_groups_each(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", {"text": [f"Text {n} " + "x" * 900 for n in range(400)]}, row_group_size=20)
    ranges = list(ranges_of(str(path), split_bytes=6000, chunk=3))
    assert len(ranges) > 3
    whole, parts = whole_and_parts(path, ranges)
    assert parts == whole
    assert all(dict(row["records"])["row"] % 20 == 0 for row in read(*ranges)[1])


def test_the_first_row_of_a_large_row_group_is_there_before_the_last_is_asked_for(tmp_path: Path) -> None:
    rng = random.Random(2)
    texts = [rng.randbytes(1500).hex() for _ in range(8000)]
    path = parquet(tmp_path / "a.parquet", {"text": texts}, row_group_size=8000, use_dictionary=False, compression="none")
    file = SeekableFile(InputFile(str(path)))
    rows = read_rows(open_parquet(file, str(path)), file, columns=CorpusColumns(), start=0, end=1 << 40, max_row_bytes=1 << 20)
    first = next(rows)
    assert isinstance(first, CorpusRow)
    assert (first.values, path.stat().st_size > 22 << 20, file.bytes_requested < 8 << 20) == ({"text": texts[0]}, True, True)


def test_a_remote_row_group_costs_few_requests(tmp_path: Path) -> None:
    rng = random.Random(2)
    texts = [rng.randbytes(1500).hex() for _ in range(4000)]
    columns = {
        "junk": [text[::-1] for text in texts],
        "text": texts,
        "id": [str(n) for n in range(4000)],
        "at": [datetime(2020, 1, 1)] * 4000,
    }
    path = parquet(tmp_path / "a.parquet", columns, row_group_size=4000, use_dictionary=False)
    with served(tmp_path) as server:
        documents, (told,) = read(f"{server.base}/a.parquet")
        assert len(server.requests) == told["requests"]
    local, _ = read(path)
    assert [row["text"] for row in documents] == [row["text"] for row in local] == texts
    size = path.stat().st_size
    assert size > 10 << 20
    assert told["requests"] <= 2 + size // (2 << 20) + 2
    assert told["bytes_requested"] < size * 0.8  # the column that nobody wants is not asked for
