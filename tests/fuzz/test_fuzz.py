"""What holds for any bytes a crawl may bring: nothing raises, nothing is lost, the same bytes give the same rows."""

import re
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.fuzz.bytes_of import mutated, mutations, spoilings
from tests.fuzz.http_of import HTTP_WORDS, INTERIM, blocks, encoded
from tests.fuzz.profiles import fuzzed
from tests.fuzz.warc_of import BY_RECORD, DULL_BODIES, WARC_WORDS, Bytes, files, packed, record
from udfs.page.charset import Source, decode_page, whatwg_name
from udfs.page.http_body import TooLarge, Undecodable, decode_body
from udfs.page.http_message import HttpMessage, parse_message
from udfs.page.media_type import charset_of, mime_of
from udfs.page.meta_charset import named_charset
from udfs.page.opt_out import header_facts
from udfs.reading.location import LocationError
from udfs.warc.records import Record, Skipped, read_records, splittable
from udfs.warc.resync import HEAD_BYTES

MAX_RECORD_BYTES = 50_000
ODD = mutations(WARC_WORDS)


def read(
    data: bytes, *, start: int = 0, end: int | None = None, most: int = 1 << 20, breaks: int | None = None
) -> list[Record | Skipped]:
    def open_at(offset: int) -> Bytes:
        return Bytes(data, offset, most=most, breaks=breaks)

    return list(read_records(open_at, size=len(data), start=start, end=end, max_record_bytes=MAX_RECORD_BYTES))


def assert_accounts_for(spans: list[Record | Skipped], *, size: int) -> None:
    """The spans lie one after another without gap or overlap; of records that share a member the last has its length."""
    position = 0
    for span in spans:
        assert (span.offset, span.length >= 0) == (position, True), span
        position += span.length
    assert position == size


def assert_storable(span: Record | Skipped) -> None:
    words = [value for value in vars(span).values() if isinstance(value, str)]
    assert all("\0" not in word for word in words)
    "".join(words).encode("utf-8")
    if isinstance(span, Record) and span.body is not None:
        assert len(span.body) == span.content_length <= MAX_RECORD_BYTES


@given(mutated(files(), by=ODD) | mutated(st.sampled_from(WARC_WORDS), by=ODD))
@fuzzed(300)
def test_any_bytes_are_read_as_records_and_spans_that_cover_them(data: bytes) -> None:
    spans = read(data)
    assert_accounts_for(spans, size=len(data))
    for span in spans:
        assert_storable(span)


@given(mutated(files(bodies=st.binary(max_size=60)), by=ODD), st.integers(1, 400))
@fuzzed(80)
def test_a_stream_that_drips_gives_the_same_spans(data: bytes, most: int) -> None:
    assert read(data, most=most) == read(data)


@given(mutated(files(), by=ODD, at_most=1), st.integers(0, 5000))
@fuzzed(60)
def test_a_line_that_dies_raises_its_own_error_and_no_other(data: bytes, breaks: int) -> None:
    with pytest.raises(LocationError):
        read(data + b"x", breaks=min(breaks, len(data)))


# A lie in the header of an uncompressed record may cover its neighbours, and no reader could tell; so there it is sound.
SPLITTABLE = mutated(files(packings=("gzip",), bodies=DULL_BODIES), by=spoilings()) | files(
    packings=("plain",), bodies=DULL_BODIES
)


@given(SPLITTABLE, st.lists(st.integers(1, 10_000), max_size=5))
@fuzzed(150)
def test_ranges_that_tile_a_file_give_what_the_whole_gives(data: bytes, cuts: list[int]) -> None:
    assume(splittable(data[:HEAD_BYTES]))
    bounds = sorted({0, *(len(data) * cut // 10_000 for cut in cuts), len(data)})
    spans = [span for start, end in pairwise(bounds) for span in read(data, start=start, end=end)]
    assert_accounts_for(spans, size=len(data))
    assert [span for span in spans if isinstance(span, Record)] == [span for span in read(data) if isinstance(span, Record)]


@given(st.lists(DULL_BODIES, min_size=1, max_size=5), st.sampled_from(BY_RECORD), st.data())
@fuzzed(200)
def test_damage_to_one_record_leaves_its_neighbours_as_they_were(
    bodies: list[bytes], packing: str, data: st.DataObject
) -> None:
    sound = [record(number, body) for number, body in enumerate(bodies)]
    pieces = packed(sound, packing)
    hurt = data.draw(st.integers(0, len(bodies) - 1))
    if packing == "plain":  # there a length that lies may cover neighbours, and nothing can tell
        length = data.draw(st.sampled_from(["x", "", "-1", "9" * 20]))
        pieces[hurt] = data.draw(
            st.sampled_from([record(hurt, bodies[hurt], length=length), b"junk\n" + pieces[hurt], b"\0\n"])
        )
    else:
        pieces[hurt] = data.draw(mutated(st.just(pieces[hurt]), at_most=3))
    spans = read(b"".join(pieces))
    assert_accounts_for(spans, size=sum(map(len, pieces)))
    found = {span.id: span.body for span in spans if isinstance(span, Record)}
    others = {f"<urn:uuid:{number}>": body for number, body in enumerate(bodies) if number != hurt}
    assert {name: found.get(name) for name in others} == others


@given(mutated(blocks(), by=mutations(HTTP_WORDS)), st.sampled_from([0, 100, 3000, 100_000]))
@fuzzed(200)
def test_any_block_is_decoded_within_the_limit_or_refused_with_a_reason(block: bytes, max_bytes: int) -> None:
    message = parse_message(block)
    assert message.status is None or 0 <= message.status <= 999
    "".join(name + value for name, value in message.headers).encode("utf-8")
    assert set(header_facts(message)) <= {"x-robots-tag:noai", "x-robots-tag:noindex"}
    declared = message.header("content-type")
    assert re.fullmatch(r"[^\s\"';,]{1,64}", charset_of(declared) or "none")
    try:
        body = decode_body(message, max_bytes=max_bytes)
    except (TooLarge, Undecodable):
        return
    assert len(body) <= max_bytes
    assert re.fullmatch(r"[!#-'*+.^-`|~\w-]+/[!#-'*+.^-`|~\w-]+", mime_of(identified=None, declared=declared, body=body))


@given(encoded(st.binary(max_size=200) | st.binary(min_size=1, max_size=9).map(lambda part: part * 500)))
@fuzzed(200)
def test_a_body_that_is_encoded_as_it_says_decodes_to_itself(sent: tuple[bytes, HttpMessage]) -> None:
    body, message = sent
    assume(not body.startswith(b"\x1f\x8b"))  # taken for compressed once more than it says
    assert decode_body(message, max_bytes=10_000) == body


@given(st.lists(st.sampled_from(INTERIM), max_size=5), blocks())
@fuzzed(100)
def test_answers_before_the_servers_change_nothing(before: list[bytes], block: bytes) -> None:
    assume(re.match(rb"HTTP/1.1 200 OK\r\n", block))
    assert parse_message(b"".join(before) + block) == parse_message(block)


MIMES = st.sampled_from(["text/html", "application/xhtml+xml"])
DECOYS = (
    b"<!-- %s -->",
    b"<!---->",
    b"<script>'%s'</script>",
    b"<style>/*%s*/</STYLE >",
    b"<title>%s</title>",
    b"<textarea rows=2>%s</textarea>",
    b'<div title="> %s">',
    b"<div title='%s' x>",
    b'<p class=a">',
    b'<meta name=x content="text/html; %s">',
    b"<? %s",
    b"</%s>",
)
FALSE = b"<meta charset=koi8-r>"


@given(st.lists(st.sampled_from(DECOYS), max_size=6))
@fuzzed(150)
def test_a_meta_is_found_behind_all_that_only_looks_like_one(decoys: list[bytes]) -> None:
    page = b"".join(decoy.replace(b"%s", FALSE) for decoy in decoys if decoy not in (b"<? %s", b"</%s>"))
    assert named_charset(page + b"<meta charset=iso-8859-2>", mime="text/html", known=whatwg_name) == "iso-8859-2"


@given(mutated(st.lists(st.sampled_from((*DECOYS, FALSE, b"<?xml encoding='")), max_size=9).map(b"".join)), MIMES)
@fuzzed(150)
def test_any_page_names_a_charset_that_there_is_or_none(page: bytes, mime: str) -> None:
    name = named_charset(page, mime=mime, known=whatwg_name)
    assert name is None or whatwg_name(name) == name


MARKS = (
    b"%PDF-1.4",
    b"\x89PNG\r\n",
    b"GIF89a\1",
    b"\xff\xd8\xff\xe0",
    b"PK\3\4",
    b"\x1f\x8b\x08\0",
    b"wOF2\0\1",
    b"OTTO\0",
    b"OggS\0",
)
TYPES = st.none() | st.sampled_from(["text/html", "text/plain; charset=utf-8", "unknown/unknown", "text/xml", "x,/;"])


@given(st.sampled_from(MARKS), st.text("\t\n\r\f ", max_size=9), st.booleans(), st.binary(max_size=60), TYPES)
@fuzzed(150)
def test_a_mark_is_seen_behind_white_space_under_any_type(
    mark: bytes, space: str, is_marked: bool, rest: bytes, declared: str | None
) -> None:
    body = (b"\xef\xbb\xbf" if is_marked else b"") + space.encode() + mark + rest
    assert mime_of(identified=None, declared=declared, body=body) == "application/octet-stream"


LABELS = (
    *(("utf-8", "utf-8"), ("UTF8", "utf-8"), ("iso-8859-1", "cp1252"), ("windows-1251", "cp1251"), ("koi8-r", "koi8-r")),
    *(("shift_jis", "cp932"), ("euc-jp", "euc-jp"), ("gb2312", "gb18030"), ("gbk", "gb18030"), ("big5", "big5hkscs")),
    *(("euc-kr", "cp949"), ("iso-8859-2", "iso8859-2"), ("windows-1256", "cp1256"), ("iso-8859-9", "cp1254")),
    *(("tis-620", "cp874"), ("utf-16le", "utf-16le"), ("utf-16be", "utf-16be"), ("iso-8859-15", "iso8859-15")),
)
BY_WINDOWS = {  # where Python goes by a standard of the country and browsers by Windows
    "euc-jp": str.maketrans("〜−‖¢£¬", "～－∥￠￡￢"),
    "big5": str.maketrans("•､‾∼♁☉¥¢£", "‧﹑¯～⊕⊙￥￠￡"),
}
PRIVATE = re.compile("[\ue5e5\ue78d-\ue796\ue7c7\ue81e-\ue864]")  # signs of GB 18030 have places of their own by now
BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")


@given(
    mutated(blocks()) | st.binary(max_size=300),
    st.none() | st.text(max_size=20) | st.sampled_from([name for name, _ in LABELS]),
)
@fuzzed(100)
def test_any_bytes_under_any_label_become_text(body: bytes, header: str | None) -> None:
    decoded = decode_page(body, header=header)
    assert decoded.source in get_args(Source)
    decoded.text.encode("utf-8")


@given(st.text(st.characters(exclude_characters="\ufffd", exclude_categories=["Cs"]), max_size=60), st.sampled_from(LABELS))
@fuzzed(300)
def test_a_text_comes_back_from_the_charset_it_declares(text: str, label: tuple[str, str]) -> None:
    body = text.encode(label[1], "ignore")
    assume(not body.startswith(BOMS) and not looks_like_utf8(body))
    decoded = decode_page(body, header=label[0])
    expected = body.decode(label[1])
    assume(not label[0].startswith("gb") or PRIVATE.search(expected) is None)
    assert (decoded.text, decoded.source) == (expected.translate(BY_WINDOWS.get(label[0], {})), "header")


def looks_like_utf8(body: bytes) -> bool:
    """Three characters beyond ASCII that are valid UTF-8 outweigh any label."""
    try:
        return len(body.decode("utf-8").encode("ascii", "ignore")) + 3 <= len(body)
    except UnicodeDecodeError:
        return False
