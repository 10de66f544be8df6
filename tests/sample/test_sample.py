"""The sample: the same in every build, sound WARC, true about itself."""

import gzip
import json
import zlib
from base64 import b32encode
from collections import Counter, defaultdict
from collections.abc import Iterator
from hashlib import sha1, sha256
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from sample import bank
from sample.duplicates import MARGIN, THRESHOLD, jaccard, shingles
from sample.make import make_sample

Row = dict[str, Any]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    make_sample(folder)
    return folder


@pytest.fixture(scope="module")
def truth(built: Path) -> list[Row]:
    return [json.loads(line) for line in (built / "truth.jsonl").read_text(encoding="utf-8").splitlines()]


def _members(data: bytes) -> Iterator[bytes]:
    """Yield the sound gzip members of a file, looking for the next one after a member that is not."""
    while data:
        reader = zlib.decompressobj(31)
        try:
            yield reader.decompress(data)
            data = reader.unused_data
        except zlib.error:
            data = data[data.index(b"\x1f\x8b\x08\x00\x00\x00\x00\x00", 1) :]


def _records(built: Path) -> Iterator[tuple[str, Any, bytes]]:
    for path in sorted((built / "warc").glob("*.warc.gz")):
        for member in _members(path.read_bytes()):
            for record in ArchiveIterator(BytesIO(member), parse_http=False, record_types=WarcRecordType.any_type):
                yield path.name, record, record.reader.read()


def test_two_builds_are_identical(built: Path, tmp_path: Path) -> None:
    make_sample(tmp_path)
    for path in sorted(path for path in built.rglob("*") if path.is_file()):
        assert (tmp_path / path.relative_to(built)).read_bytes() == path.read_bytes(), path.name


def test_every_python_builds_the_same_records(built: Path) -> None:
    # uncompressed, because two builds of zlib may compress differently; to be renewed when a text of the sample changes
    found = sha256((built / "truth.jsonl").read_bytes())
    for _, record, block in _records(built):
        found.update(repr(sorted(record.headers.items())).encode() + block)
    assert found.hexdigest() == "c2868a4f47bb2c7f0ee0c60dfd8ab73c00a80e616dd14e8759e50a7f0fef1549"


def test_every_record_but_the_corrupt_one_is_read_by_fastwarc_in_common_crawls_order(built: Path, truth: list[Row]) -> None:
    kinds: dict[str, list[str]] = defaultdict(list)
    responses = []
    for name, record, _ in _records(built):
        kinds[name].append(record.headers["WARC-Type"])
        if record.record_type == WarcRecordType.response:
            responses.append((record.record_id, record.headers["WARC-Target-URI"], name))
    lost = [row for row in truth if row["expected"] == "unreadable"]
    assert [row["kind"] for row in lost] == ["corrupt_member"]
    wanted = [(row["record_id"], row["url"], row["warc_file"]) for row in truth if row not in lost]
    assert responses == [(id_, url, name) for id_, url, name in wanted]
    for name, found in kinds.items():
        triples = ["request", "response", "metadata"] * sum(row["warc_file"] == name for row in truth)
        if name == lost[0]["warc_file"]:
            triples.remove("response")
        assert Counter(found) == Counter(["warcinfo", *triples, "revisit"]), name
        assert (found[0], found[-1]) == ("warcinfo", "revisit")


def test_record_ids_are_unique(built: Path) -> None:
    counts = Counter(record.record_id for _, record, _ in _records(built))
    assert counts.most_common(1)[0][1] == 1


def test_digests_and_lengths_are_those_of_the_bytes(built: Path) -> None:
    for _, record, block in _records(built):
        assert record.headers["WARC-Block-Digest"] == "sha1:" + b32encode(sha1(block).digest()).decode()
        assert len(block) == record.content_length
        if record.record_type == WarcRecordType.response:
            payload = block.partition(b"\r\n\r\n")[2]
            assert record.headers["WARC-Payload-Digest"] == "sha1:" + b32encode(sha1(payload).digest()).decode()


def test_one_record_in_the_middle_of_a_file_is_beyond_gzip(built: Path, truth: list[Row]) -> None:
    lost = next(row for row in truth if row["kind"] == "corrupt_member")
    siblings = [row for row in truth if row["warc_file"] == lost["warc_file"]]
    assert 20 < siblings.index(lost) < len(siblings) - 20
    with pytest.raises((zlib.error, OSError)):
        gzip.decompress((built / "warc" / lost["warc_file"]).read_bytes())


def test_the_kinds_are_as_many_as_documented(truth: list[Row]) -> None:
    assert Counter(row["kind"] for row in truth) == {
        "article": 98, "exact_copy": 34, "near_duplicate": 22, "half_duplicate": 10, "chain": 8,
        "charset": 19, "cookie_lines": 4, "pii": 5, "opt_out": 5, "licence": 3, "truncated": 1, "lorem_ipsum": 3,
        "broken_html": 3, "deep_nesting": 1, "corrupt_member": 1, "garbage_http": 1, "plain_text": 1,
        "recipe": 4, "forum": 4, "tutorial": 5, "table": 3,
        "link_page": 34, "shop": 32, "spam": 40, "boilerplate_heavy": 23, "mixed_languages": 4,
        "login": 4, "soft_404": 4, "http_error": 24, "redirect": 20, "not_html": 16, "empty": 6,
    }  # fmt: skip


def test_nine_languages_are_kept_and_three_fifths_of_all_pages_are_english(truth: list[Row]) -> None:
    kept = Counter(row["language"] for row in truth if row["expected"] == "kept")
    assert kept == {"en": 83, "de": 13, "fr": 13, "es": 13, "it": 13, "ru": 13, "ja": 12, "pl": 4, "zh": 3}
    counts = Counter(row["language"] for row in truth if row["language"])
    assert counts["en"] / counts.total() == pytest.approx(0.60, abs=0.02)


def test_the_jaccards_in_the_truth_are_those_of_brute_force(truth: list[Row]) -> None:
    by_id = {row["record_id"]: row for row in truth}
    measured = [row for row in truth if row["jaccard"] is not None]
    assert len(measured) == 34 + 22 + 10 + 8
    for row in measured:
        first = by_id[row["group"]]
        left, right = shingles(row["main_text"]), shingles(first["main_text"])
        brute = sum(one in right for one in left) / len({*left, *right})
        assert row["jaccard"] == round(brute, 6), row["url"]


def test_near_duplicates_lie_in_three_bands(truth: list[Row]) -> None:
    def bands(kind: str) -> list[float]:
        return sorted(row["jaccard"] for row in truth if row["kind"] == kind)

    near = bands("near_duplicate")
    assert sum(0.9 <= value <= 0.96 for value in near) == 6
    assert sum(0.81 <= value <= 0.88 for value in near) == 16
    assert all(0.4 <= value <= 0.56 for value in bands("half_duplicate"))
    chain = bands("chain")
    assert all(value <= 0.7 for value in chain[:4])
    assert all(0.8 <= value <= 0.85 for value in chain[4:])


def test_no_pair_of_captures_is_similar_unless_meant_and_none_lies_near_the_threshold(truth: list[Row]) -> None:
    sets = {row["record_id"]: shingles(row["main_text"]) for row in truth if row["main_text"]}
    groups = {row["record_id"]: row["group"] or row["record_id"] for row in truth}
    holders = defaultdict(list)
    for id_, found in sets.items():
        for shingle in found:
            holders[shingle].append(id_)
    common = Counter(pair for ids in holders.values() for pair in combinations(ids, 2))
    for (a, b), shared in common.items():
        similarity = shared / (len(sets[a]) + len(sets[b]) - shared)
        assert abs(similarity - THRESHOLD) > MARGIN, (a, b, similarity)
        assert groups[a] == groups[b] or similarity < 0.3, (a, b, similarity)


def test_every_duplicate_names_a_capture_that_stays_and_was_fetched_earlier(built: Path, truth: list[Row]) -> None:
    dates = {record.record_id: record.headers["WARC-Date"] for _, record, _ in _records(built)}
    kept = {row["record_id"]: row for row in truth if row["expected"] == "kept"}
    copies = [row for row in truth if row["duplicate_of"]]
    assert len(copies) == 60
    for row in copies:
        first = kept[row["duplicate_of"]]
        assert dates[first["record_id"]] < dates[row["record_id"]]
        assert (first["url"] == row["url"]) == (row["expected_reason"] == "exact_url")
        assert (first["main_text"] == row["main_text"]) or row["expected_reason"] != "exact_text"


def test_training_text_shares_no_paragraph_with_the_pages(built: Path, truth: list[Row]) -> None:
    lines_ = (built / "quality" / "positive.txt").read_text(encoding="utf-8").splitlines()
    bad = (built / "quality" / "negative.txt").read_text(encoding="utf-8").splitlines()
    assert (len(lines_), len(set(lines_)), len(bad)) == (292, 292, 302)
    pages = "\n".join(row["main_text"] for row in truth)
    assert [line for line in [*lines_, *bad] if line in pages] == []


def test_articles_are_long_enough_and_share_no_paragraph() -> None:
    paragraphs = Counter(
        text for language in bank.languages() for topic in bank.topics(language)
        for text in (*topic.spare, *(p for article in topic.articles for p in article.paragraphs))
    )  # fmt: skip
    assert max(paragraphs.values()) == 1
    english = bank.articles("en")
    assert len(english) == 66
    assert min(len(article.text.split()) for article in english) >= 150


def test_jaccard_of_hand_counted_texts() -> None:
    assert jaccard("one two three four five six", "one two three four five seven") == 1 / 3
    assert jaccard("Édgar, 12 men; rode 1,5 miles!", "edgar 7 men rode 0 miles") == 1.0
    assert jaccard("", "") == 0.0
    assert shingles("水車と石うす") == {"水 車 と 石 う", "車 と 石 う す"}
