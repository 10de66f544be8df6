"""Files of tokens: read back by a few lines of numpy that follow each format's description, whatever the sequences."""

import itertools
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.token_files import mds
from udfs.token_files.format import FormatName, Shape
from udfs.token_files.formats import FORMATS
from udfs.tokens.shard_batches import Part, assembled

Sequences = list[tuple[list[int], list[int]]]


def sequences(shape: Shape) -> Sequences:
    """Make sequences with ids up to the largest, and one to five documents."""
    top, length = 256**shape.token_bytes // (2 if shape.token_bytes == 4 else 1), shape.sequence_length
    return [
        (
            [(place * 7919 * (number + 1)) % top for place in range(length)],
            sorted({length // (one + 1) for one in range(number % 5 + 1)}),
        )
        for number in range(9)
    ]


def written(name: FormatName, shape: Shape, folder: Path, rows: Sequences) -> list[Path]:
    writer = FORMATS[name](folder / "shard-00000", shape)
    for tokens, ends in rows:
        writer.add(np.array(tokens, shape.dtype), ends)
    return list(writer.close())


@pytest.mark.parametrize("token_bytes", [2, 4])
def test_megatrons_index_says_where_each_sequence_lies(token_bytes: int, tmp_path: Path) -> None:
    shape = Shape(16, token_bytes)
    rows = sequences(shape)
    tokens, index = written("megatron", shape, tmp_path, rows)
    data = index.read_bytes()
    assert struct.unpack_from("<9sQBQQ", data) == (b"MMIDIDX\0\0", 1, {2: 8, 4: 4}[token_bytes], 9, 10)
    at = struct.calcsize("<9sQBQQ")
    lengths, offsets = np.frombuffer(data, "<i4", 9, at), np.frombuffer(data, "<i8", 9, at + 36)
    assert lengths.tolist() == [16] * 9 and np.frombuffer(data, "<i8", 10, at + 108).tolist() == list(range(10))
    assert len(data) == at + 108 + 80
    body = tokens.read_bytes()
    kind = {2: "<u2", 4: "<i4"}[token_bytes]
    assert [np.frombuffer(body, kind, 16, start).tolist() for start in offsets] == [ids for ids, _ in rows]


@pytest.mark.parametrize(("token_bytes", "magic"), [(2, (20240520, 1)), (4, (20240801, 7))])
def test_flat_files_hold_the_tokens_one_after_another(token_bytes: int, magic: tuple[int, int], tmp_path: Path) -> None:
    shape = Shape(16, token_bytes)
    rows = sequences(shape)
    every = [token for ids, _ in rows for token in ids]
    (flat,) = written("nanogpt", shape, tmp_path, rows)
    assert np.fromfile(flat, shape.dtype).tolist() == every
    (headed,) = written("llmc", shape, tmp_path, rows)
    header = np.fromfile(headed, "<i4", 256).tolist()
    assert header == [*magic, len(every), *[0] * 253]
    assert np.fromfile(headed, shape.dtype, offset=1024).tolist() == every


@pytest.mark.parametrize("length", [16, 300, 70_000])
def test_an_mds_shard_has_a_table_of_offsets_its_columns_and_the_samples(length: int, tmp_path: Path) -> None:
    shape = Shape(length, 2)
    rows = sequences(shape)
    if length == 300:
        rows[0] = (rows[0][0], list(range(1, 301)))  # so many documents that their number takes two bytes
    (shard,) = written("mds", shape, tmp_path, rows)
    data = shard.read_bytes()
    (count,) = struct.unpack_from("<I", data)
    offsets = np.frombuffer(data, "<u4", count + 1, 4)
    assert json.loads(data[4 + 4 * (count + 1) : offsets[0]]) == mds.config(shape) and offsets[-1] == len(data)
    assert [_sample(data[start:end], shape) for start, end in itertools.pairwise(offsets)] == [
        (ids, ends) for ids, ends in rows
    ]
    entry = json.loads(mds.index([{"name": shard.name, "bytes": len(data), "sequences": count}], shape))["shards"][0]
    assert (entry["samples"], entry["raw_data"]["bytes"], entry["column_names"]) == (9, len(data), ["document_ends", "tokens"])


def test_an_mds_shard_whose_offsets_would_take_more_than_four_bytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shard,) = written("mds", Shape(16, 2), tmp_path, sequences(Shape(16, 2)))
    size = shard.stat().st_size
    monkeypatch.setattr(mds, "LARGEST", size)
    with pytest.raises(ValueError, match=rf"would have {size:,} bytes.*lower \[pack\] shard_tokens"):
        written("mds", Shape(16, 2), tmp_path, sequences(Shape(16, 2)))


def _sample(data: bytes, shape: Shape) -> tuple[list[int], list[int]]:
    (size,) = struct.unpack_from("<I", data)
    column, tokens = data[4 : 4 + size], data[4 + size :]
    assert column[0] >> 2 == 1  # dimension
    kind = np.dtype(["<u1", "<u2", "<u4", "<u8"][column[0] & 3])
    (length,) = np.frombuffer(column, kind, 1, 1)
    return np.frombuffer(tokens, shape.dtype).tolist(), np.frombuffer(column, "<i4", int(length), 1 + kind.itemsize).tolist()


def test_parquet_has_a_row_for_each_sequence_in_groups_of_one_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udfs.token_files.parquet.TOKENS_AT_ONCE", 64)
    rows = sequences(Shape(16, 2))
    (path,) = written("parquet", Shape(16, 2), tmp_path, rows)
    assert pq.read_table(path).to_pylist() == [{"input_ids": ids, "document_ends": ends} for ids, ends in rows]
    with pq.ParquetFile(path) as file:
        assert [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)] == [4, 4, 1]


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_shard_written_again_has_the_same_bytes(name: FormatName, tmp_path: Path) -> None:
    found = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        found.append([path.read_bytes() for path in written(name, Shape(16, 2), folder, sequences(Shape(16, 2)))])
        assert sorted(path.name for path in folder.iterdir()) == sorted(
            path.name for path in folder.glob("shard-00000.[!s]*")
        )  # nothing is left of what it worked with
    assert found[0] == found[1]


def part(**given: Any) -> Part:
    whole = {
        "shard": 0,
        "key": 0,
        "buffer": 0,
        "sequence": 0,
        "at": 0,
        "id": "a",
        "copy": 1,
        "start": 0,
        "end": 2,
        "tokens": b"\1\0\2\0",
    }
    return Part(**{**whole, **given})


@given(lengths=st.lists(st.integers(1, 5), min_size=1, max_size=5))
def test_parts_stand_one_after_another_and_padding_behind_them(lengths: list[int]) -> None:
    shape, parts, at = Shape(30, 2), [], 0
    for number, length in enumerate(lengths):
        parts.append(part(at=at, end=length, tokens=np.full(length, number + 1, "<u2").tobytes()))
        at += length
    filled, ends = assembled(parts, shape=shape, pad=99)
    expected = [number + 1 for number, length in enumerate(lengths) for _ in range(length)]
    assert filled.tolist() == expected + [99] * (30 - at) and ends == np.cumsum(lengths).tolist()


def test_a_part_that_does_not_stand_where_it_should_is_refused() -> None:
    for wrong in ([part(at=1)], [part(), part(at=1)], [part(tokens=b"\1\0")]):
        with pytest.raises(ValueError, match="does not stand where it should"):
            assembled(wrong, shape=Shape(8, 2), pad=0)
