import gzip
import io
import random
from collections.abc import Iterable
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from udfs.reading.location import OpenAt, open_location, size
from udfs.warc.records import Record, Skipped, read_records, splittable

URL = "http://site.example/{}"


def record(number: int, body: bytes = b"x" * 100, *, length: str | None = None, newline: str = "\r\n") -> bytes:
    lines = [
        "WARC/1.0",
        "WARC-Type: response",
        f"WARC-Record-ID: <urn:uuid:{number}>",
        f"WARC-Target-URI: {URL.format(number)}",
        f"Content-Length: {len(body) if length is None else length}",
    ]
    return (newline.join(lines) + newline * 2).encode() + body + b"\r\n\r\n"


def opener(data: bytes) -> OpenAt:
    class At(io.BytesIO):
        def __init__(self, offset: int) -> None:
            super().__init__(data)
            self.seek(offset)

    return At


def read(data: bytes, *, start: int = 0, end: int | None = None) -> list[Record | Skipped]:
    spans = list(read_records(opener(data), size=len(data), start=start, end=end, max_record_bytes=1 << 20))
    if start == 0 and end is None:
        covered = sum(span.length for span in spans)
        assert covered == len(data), f"{covered} bytes of {len(data)} accounted for"
    return spans


def ids(spans: Iterable[Record | Skipped]) -> list[str | None]:
    return [span.id for span in spans if isinstance(span, Record)]


def skipped(spans: Iterable[Record | Skipped]) -> list[tuple[int, int]]:
    return [(span.offset, span.length) for span in spans if isinstance(span, Skipped)]


def urns(*numbers: int) -> list[str]:
    return [f"<urn:uuid:{number}>" for number in numbers]


PLAIN = [record(number) for number in range(4)]
MEMBERS = [gzip.compress(part, mtime=0) for part in PLAIN]


def test_a_member_is_one_record_with_its_place_in_the_file() -> None:
    spans = read(b"".join(MEMBERS))
    assert spans[1] == Record(
        type="response",
        offset=len(MEMBERS[0]),
        nth=0,
        length=len(MEMBERS[1]),
        content_length=100,
        id="<urn:uuid:1>",
        url="http://site.example/1",
        body=b"x" * 100,
    )
    assert ids(spans) == urns(0, 1, 2, 3)


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_an_uncompressed_file_is_read_with_either_line_end(newline: str) -> None:
    data = b"".join(record(number, newline=newline) for number in range(3))
    assert (ids(read(data)), skipped(read(data))) == (urns(0, 1, 2), [])


def test_a_file_gzipped_as_a_whole_gives_all_records_and_cannot_be_split() -> None:
    data = gzip.compress(b"".join(PLAIN))
    spans = read(data)
    assert [(span.offset, span.length) for span in spans] == [(0, 0), (0, 0), (0, 0), (0, len(data))]
    assert [span.nth for span in spans if isinstance(span, Record)] == [0, 1, 2, 3]
    assert not splittable(data)
    assert read(data, start=5, end=len(data)) == []


def test_damage_inside_a_file_gzipped_as_a_whole_costs_one_record() -> None:
    spans = read(gzip.compress(PLAIN[0] + record(1, length="7") + PLAIN[2]))
    assert ids(spans) == urns(0, 2)
    assert [span.why[:40] for span in spans if isinstance(span, Skipped)] == ["226 bytes from byte 228 of the decompres"]


DAMAGED = {
    "junk between members": b"junk" * 9,
    "zeros between members": bytes(500),
    "an empty member": gzip.compress(b""),
    "a wrong checksum": MEMBERS[1][:-8] + b"\0" * 8,
    "a flipped bit": MEMBERS[1][:40] + bytes([MEMBERS[1][40] ^ 8]) + MEMBERS[1][41:],
    "a cut member": MEMBERS[1][:60],
    "a cut trailer": MEMBERS[1][:-4],
    "no number for a length": gzip.compress(record(1, length="abc")),
    "a negative length": gzip.compress(record(1, length="-5")),
    "a length too short": gzip.compress(record(1, length="40")),
    "a length too long": gzip.compress(record(1, length="150")),
    "a length beyond the file": gzip.compress(record(1, length="150000000")),
    "a length beyond all files": gzip.compress(record(1, length="9" * 30)),
    "no length at all": gzip.compress(record(1).replace(b"Content-Length: 100\r\n", b"")),
    "an unknown version": gzip.compress(record(1).replace(b"WARC/1.0", b"WARC/9.9")),
    "a header without end": gzip.compress(b"WARC/1.0\r\n" + b"X: y\r\n" * 100_000 + record(1)),
    "no WARC in a member": gzip.compress(b"<html>not a record</html>"),
    "big, incompressible and cut": gzip.compress(record(1, random.Random(1).randbytes(300_000)))[:200_000],
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_damage_costs_its_own_bytes_and_no_neighbour(damage: bytes, place: str) -> None:
    before = b"" if place == "first" else MEMBERS[0]
    after = b"" if place == "last" else MEMBERS[2] + MEMBERS[3]
    spans = read(before + damage + after)
    assert ids(spans) == urns(*([] if place == "first" else [0]), *([] if place == "last" else [2, 3]))
    assert skipped(spans) == [(len(before), len(damage))]


@pytest.mark.parametrize(
    ("damage", "lost"),
    [
        (b"junk, and more of it\r\n\r\n", 24),
        (record(1, length="40"), len(PLAIN[1])),
        (record(1, length="150"), len(PLAIN[1])),
        (record(1, length="99999"), len(record(1, length="99999"))),
        (PLAIN[1][:-50], len(PLAIN[1]) - 50),
    ],
)
def test_damage_in_an_uncompressed_file_costs_up_to_the_next_header_line(damage: bytes, lost: int) -> None:
    damage = damage if damage.endswith(b"\n") else damage + b"\n"
    spans = read(PLAIN[0] + damage + PLAIN[2])
    assert ids(spans)[0] == "<urn:uuid:0>"
    assert ids(spans)[-1] == "<urn:uuid:2>"
    assert abs(sum(length for _, length in skipped(spans)) - lost) <= 4


@pytest.mark.parametrize(
    "data", [b"<html></html>", b"PK\x03\x04zip", bytes(1000), gzip.compress(b"<html>", mtime=0), b"\x1f\x8b\x08"]
)
def test_a_file_that_is_no_warc_is_skipped_whole(data: bytes) -> None:
    assert skipped(read(data)) == [(0, len(data))]


def test_an_empty_file_has_no_spans() -> None:
    assert read(b"") == []


def test_a_record_over_the_limit_is_told_but_never_held() -> None:
    spans = read(MEMBERS[0] + gzip.compress(record(1, bytes(2 << 20))) + MEMBERS[2])
    middle = spans[1]
    assert isinstance(middle, Record)
    assert (middle.too_large, middle.body, middle.content_length) == (True, None, 2 << 20)
    assert ids(spans) == urns(0, 1, 2)


def test_only_files_with_one_record_a_member_or_no_compression_are_splittable() -> None:
    assert [
        splittable(data)
        for data in (b"".join(MEMBERS), b"".join(PLAIN), gzip.compress(b"".join(PLAIN)), b"\x28\xb5\x2f\xfd", b"")
    ] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("compressed", [True, False])
def test_ranges_that_tile_a_file_give_each_record_and_each_byte_once(compressed: bool) -> None:
    chance = random.Random(20)
    for _ in range(60):
        parts = []
        for number in range(12):
            part = record(number, chance.randbytes(chance.randrange(5, 2000)))
            part = gzip.compress(part, mtime=0) if compressed else part
            if number and chance.random() < 0.3:
                part = chance.choice([part[: len(part) // 2] + b"\n", b"junk\n" + part, part[:-9] + bytes(9)])
            parts.append(part)
        data = b"".join(parts)
        cuts = sorted(chance.sample(range(1, len(data)), 4))
        ranged = [
            span for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True) for span in read(data, start=start, end=end)
        ]
        assert sorted(ranged, key=lambda span: span.offset) == ranged
        assert ids(ranged) == ids(read(data))
        assert sum(span.length for span in ranged) == len(data)


def test_damage_is_stepped_over_without_asking_the_store_again() -> None:
    data = b"".join(gzip.compress(record(number, length="40")) + gzip.compress(record(number)) for number in range(500))
    asked: list[int] = []

    def open_at(offset: int) -> io.BytesIO:
        asked.append(offset)
        return opener(data)(offset)  # type: ignore[return-value]

    spans = list(read_records(open_at, size=len(data)))
    assert (len(ids(spans)), len(skipped(spans))) == (500, 500)
    assert len(asked) < 5


@pytest.mark.real
def test_real_and_hostile_files_account_for_every_byte(shared_data: Path) -> None:
    for folder in ("hostile/warc-real", "hostile/warc-synthetic", "real/real-warcs"):
        for path in sorted((shared_data / folder).iterdir()):
            spans = list(read_records(partial(open_location, str(path)), size=size(str(path))))
            assert sum(span.length for span in spans) == path.stat().st_size, path.name


@pytest.mark.real
def test_ranges_of_a_real_crawl_file_give_the_records_of_the_whole(shared_data: Path) -> None:
    path = str(shared_data / "real/cc-sample/cc-sample-00001.warc.gz")
    length = size(path)
    whole = [(span.offset, span.length) for span in read_records(partial(open_location, path), size=length)]
    assert len(whole) == 4084
    cuts = [0, *sorted(random.Random(3).sample(range(1, length), 7)), length]
    ranged = [
        (span.offset, span.length)
        for start, end in pairwise(cuts)
        for span in read_records(partial(open_location, path), size=length, start=start, end=end)
    ]
    assert ranged == whole
