"""What fuzzing found, one sentence and the fewest bytes each."""

import gzip
import io
import random
import time
import zlib
from collections.abc import Sequence
from itertools import pairwise

import pytest
from fastwarc.stream_io import ZstdWriter

from tests.fuzz.warc_of import Bytes, Kept, packed, record, zstd
from udfs.page.charset import Decoded, decode_page, whatwg_name
from udfs.page.http_body import decode_body
from udfs.page.http_message import HttpMessage
from udfs.page.media_type import charset_of, mime_of
from udfs.page.meta_charset import named_charset
from udfs.page.urls import url_key
from udfs.warc.records import Record, Skipped, read_records

PARTS = [record(number, bytes([65 + number]) * 300) for number in range(4)]


def read(data: bytes, *, start: int = 0, end: int | None = None) -> list[Record | Skipped]:
    def open_at(offset: int) -> Bytes:
        return Bytes(data, offset, most=1 << 20, breaks=None)

    return list(read_records(open_at, size=len(data), start=start, end=end))


def places(spans: Sequence[Record | Skipped]) -> list[tuple[int, int, str | None]]:
    """Offset and length of each span, with the number of its record."""
    return [(span.offset, span.length, span.id[10:-1] if isinstance(span, Record) and span.id else None) for span in spans]


def one_after_another(*parts: tuple[bytes, str | None]) -> list[tuple[int, int, str | None]]:
    """What `places` is to give for parts of a file."""
    offsets = [sum(len(part) for part, _ in parts[:number]) for number in range(len(parts))]
    return [(offset, len(part), name) for offset, (part, name) in zip(offsets, parts, strict=True)]


FRAMES = [zstd(part) for part in PARTS]
HURT = {
    "a flipped byte in its header": FRAMES[1][:6] + bytes([FRAMES[1][6] ^ 1]) + FRAMES[1][7:],
    "a flipped byte in its block": FRAMES[1][:60] + bytes([FRAMES[1][60] ^ 8]) + FRAMES[1][61:],
    "a wrong checksum": FRAMES[1][:-2] + b"\0\0",
    "a cut": FRAMES[1][:70],
    "a cut checksum": FRAMES[1][:-1],
    "junk": b"junk" * 9,
    "no WARC": zstd(b"<html>"),
    "no content": zstd(b""),
    "a length too short": zstd(record(1, b"B" * 300, length="40")),
    "a skippable frame": b"\x50\x2a\x4d\x18\x04\0\0\0abcd",
    "a skippable frame beyond the file": b"\x50\x2a\x4d\x18\xff\xff\xff\x7fabcd",
}


@pytest.mark.parametrize("hurt", HURT.values(), ids=HURT.keys())
def test_a_damaged_zstd_frame_costs_itself_and_neither_the_record_before_nor_those_after(hurt: bytes) -> None:
    spans = read(FRAMES[0] + hurt + FRAMES[2] + FRAMES[3])
    assert places(spans) == one_after_another((FRAMES[0], "0"), (hurt, None), (FRAMES[2], "2"), (FRAMES[3], "3"))
    assert [span.body for span in spans if isinstance(span, Record)] == [b"A" * 300, b"C" * 300, b"D" * 300]


def test_a_zstd_file_cut_in_its_middle_keeps_every_frame_before_the_cut() -> None:
    spans = read(FRAMES[0] + FRAMES[1] + FRAMES[2][:80])
    assert places(spans) == one_after_another((FRAMES[0], "0"), (FRAMES[1], "1"), (FRAMES[2][:80], None))


def test_the_record_after_a_damaged_zstd_frame_is_found_though_its_block_is_larger_than_a_header() -> None:
    body = random.Random(1).randbytes(127_000)
    large = zstd(record(2, body))
    assert len(large) > 100_000
    hurt = FRAMES[1][:70]
    assert places(read(hurt + large + FRAMES[3])) == one_after_another((hurt, None), (large, "2"), (FRAMES[3], "3"))


@pytest.mark.parametrize("cuts", [[0, 4], [0, 2, 4], [0, 1, 4]])
def test_all_records_of_a_zstd_frame_are_found_and_the_last_has_its_length(cuts: list[int]) -> None:
    frames = [zstd(b"".join(PARTS[start:end])) for start, end in pairwise(cuts)]
    spans = read(b"".join(frames))
    assert [span.body[:1] for span in spans if isinstance(span, Record) and span.body] == [b"A", b"B", b"C", b"D"]
    ends = {(span.offset, span.length) for span in spans if span.length}
    assert ends == {(offset, length) for offset, length, _ in one_after_another(*((frame, None) for frame in frames))}


def test_a_zstd_file_whose_frames_break_off_inside_records_is_read_through() -> None:
    whole = b"".join(PARTS)
    data = b"".join(zstd(whole[start : start + 500]) for start in range(0, len(whole), 500))
    spans = read(data)
    assert places(spans) == [(0, 0, "0"), (0, 0, "1"), (0, 0, "2"), (0, len(data), "3")]


def test_the_first_records_of_a_zstd_frame_that_is_cut_are_kept() -> None:
    body = random.Random(2).randbytes(256_000)
    data = zstd(b"".join([*PARTS, record(9, body)]))[:140_000]
    assert [span.id for span in read(data) if isinstance(span, Record)] == [f"<urn:uuid:{number}>" for number in range(4)]
    assert sum(span.length for span in read(data)) == len(data)


def test_a_dictionary_in_a_zstd_file_is_used_and_its_bytes_are_accounted_for() -> None:
    dictionary = b"".join(PARTS)

    def with_dictionary(data: bytes) -> bytes:
        out = Kept()
        writer = ZstdWriter(out, dictionary=dictionary)
        writer.write(data)
        writer.close()
        return out.getvalue()

    first = with_dictionary(PARTS[0])
    head = first[: 8 + int.from_bytes(first[4:8], "little")]
    frames = [with_dictionary(part)[len(head) :] for part in PARTS]
    hurt = frames[1][:-2] + b"\0\0"
    spans = read(head + frames[0] + hurt + frames[2] + frames[3])
    assert places(spans) == one_after_another((head, None), (frames[0], "0"), (hurt, None), (frames[2], "2"), (frames[3], "3"))


def test_a_member_that_begins_in_the_last_bytes_of_what_was_read_is_a_member() -> None:
    members = packed(PARTS, "gzip")
    for missing in range(1, 5):
        gap = bytes((256 << 10) - missing - len(members[0]))  # what `splittable` looks at ends inside the next magic number
        spans = read(members[0] + gap + members[1])
        assert places(spans) == one_after_another((members[0], "0"), (gap, None), (members[1], "1"))


def test_blank_lines_before_the_first_record_are_listed_as_skipped() -> None:
    assert places(read(b"\r\n\r\n" + PARTS[0])) == [(0, 4, None), (4, len(PARTS[0]), "0")]


def test_a_range_finds_a_record_that_follows_one_without_a_line_end() -> None:
    parts = [record(0, b"x" * 99, tail=b""), record(1, b"y" * 99, tail=b""), PARTS[2]]
    data = b"".join(parts)
    spans = [span for start, end in ((0, 50), (50, 250), (250, len(data))) for span in read(data, start=start, end=end)]
    assert places(spans) == one_after_another((parts[0], "0"), (parts[1], "1"), (parts[2], "2"))


@pytest.mark.parametrize("packing", ["plain", "gzip"])
def test_a_file_put_together_from_two_writers_is_read_with_either_line_end(packing: str) -> None:
    ends = ("\r\n", "\n", "\n", "\r\n")
    pieces = packed([record(number, b"x" * 9, newline=end) for number, end in enumerate(ends)], packing)
    assert places(read(b"".join(pieces))) == one_after_another(*((piece, str(number)) for number, piece in enumerate(pieces)))


def test_damage_to_the_first_record_does_not_hide_how_the_lines_of_the_others_end() -> None:
    members = packed([record(number, b"x" * 9, newline="\r\r\n") for number in range(3)], "gzip")
    hurt = b"\x1e" + members[0][1:]
    spans = read(hurt + members[1] + members[2])
    assert places(spans) == one_after_another((hurt, None), (members[1], "1"), (members[2], "2"))
    assert [span.body for span in spans if isinstance(span, Record)] == [b"x" * 9, b"x" * 9]


def test_a_length_too_short_between_bare_line_feeds_does_not_swallow_the_next_record() -> None:
    parts = [record(0, b"x" * 99, length="0", newline="\n", tail=b""), record(1, b"y" * 9, newline="\n")]
    assert places(read(b"".join(parts))) == one_after_another((parts[0], None), (parts[1], "1"))


def test_damage_in_a_file_gzipped_as_a_whole_does_not_inflate_it_anew_each_time() -> None:
    lengths = ("7", None)
    data = gzip.compress(b"".join(record(number, b"x" * 2000, length=lengths[number % 2]) for number in range(600)))
    opened: list[int] = []

    def open_at(offset: int) -> io.BytesIO:
        opened.append(offset)
        return Bytes(data, offset, most=1 << 20, breaks=None)

    spans = list(read_records(open_at, size=len(data)))
    assert sum(isinstance(span, Record) for span in spans) == 300
    assert len(opened) < 10


def test_a_file_gzipped_as_a_whole_keeps_every_record_before_damage() -> None:
    chance = random.Random(5)
    parts = [record(number, chance.randbytes(2000).hex().encode()) for number in range(20)]
    whole = gzip.compress(b"".join(parts), mtime=0)
    sound = len(zlib.decompressobj(31).decompress(whole[: len(whole) * 4 // 5]))  # bytes that come out before the damage
    data = whole[: len(whole) * 4 // 5] + b"\xff" * 500 + whole[len(whole) * 4 // 5 + 500 :]
    spans = read(data)
    before = sum(sum(map(len, parts[: number + 1])) + 8192 < sound for number in range(20))
    assert before > 10
    assert [span.id for span in spans if isinstance(span, Record)][:before] == [
        f"<urn:uuid:{number}>" for number in range(before)
    ]
    assert sum(span.length for span in spans) == len(data)


def cpu_seconds(began: float) -> float:
    return time.process_time() - began


def test_a_body_of_comments_is_told_from_html_in_no_time() -> None:
    began = time.process_time()
    assert mime_of(identified=None, declared=None, body=b"<!---->" * 1000) == "text/plain"
    assert cpu_seconds(began) < 1


def test_a_charset_of_spaces_is_read_in_no_time() -> None:
    began = time.process_time()
    assert charset_of("text/html; charset=" + " " * 250_000 + ";") is None
    page = b"<meta " * 150 + b"charset=" + b" " * 3000
    assert named_charset(page, mime="text/html", known=whatwg_name) is None
    assert cpu_seconds(began) < 1


def test_all_members_of_a_gzipped_body_are_inflated() -> None:
    message = HttpMessage(
        200, (("content-encoding", "gzip"),), gzip.compress(b"<p>one ") + gzip.compress(b"and two") + b"\0\0junk"
    )
    assert decode_body(message, max_bytes=100) == b"<p>one and two"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip", "deflate"])
def test_an_empty_body_is_empty_whatever_its_encoding(encoding: str) -> None:
    assert decode_body(HttpMessage(200, (("content-encoding", encoding),), b""), max_bytes=100) == b""


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://a.example/x>#", "a.example/x%3E"),
        ("http://a.example/%%36%31", "a.example/%2561"),
        ("http://a.example/100%", "a.example/100%25"),
        ("http://a.example/?utm%5Fsource=x&b=1", "a.example?b=1"),
        ("http://a.example/a;%6asessionid=0F1E2D3C4B5A69788796A5B4C3D2E1F0/b", "a.example/a/b"),
        ("http://a.example/..;jsessionid=0F1E2D3C4B5A69788796A5B4C3D2E1F0/b", "a.example/b"),
        ("http://0x7f.1../b", "127.0.0.1/b"),
    ],
)
def test_a_key_is_its_own_key(url: str, key: str) -> None:
    assert (url_key(url), url_key(f"http://{key}")) == (key, key)


@pytest.mark.parametrize(
    ("label", "codec", "text", "charset"),
    [
        ("euc-kr", "cp949", "뾏 똠방각하", "euc-kr"),  # syllables that the Encoding Standard's euc-kr has and Python's has not
        ("ks_c_5601-1987", "cp949", "펲시맨", "euc-kr"),
        ("ibm866", "cp866", "Городской совет", "ibm866"),
        ("cp866", "cp866", "Городской совет", "ibm866"),
        ("tis-620", "cp874", "สวัสดี…", "windows-874"),
        ("euc-jp", "euc-jp", "日本語", "euc-jp"),
        ("iso-2022-jp", "iso2022-jp", "日本語", "iso-2022-jp"),
        ("macintosh", "mac-roman", "déjà", "macintosh"),
    ],
)
def test_a_label_that_python_spells_otherwise_is_believed(label: str, codec: str, text: str, charset: str) -> None:
    assert decode_page(text.encode(codec), header=label) == Decoded(text, charset, "header")
