from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.corpus.corpus import jsonl, packed, parquet, read
from udfs.corpus.columns import CorpusColumns

FINEWEB = {
    "text": "How AP reported in all formats.",
    "id": "<urn:uuid:d66bc6fe-8477-4adf-b430-f6a558ccc8ff>",
    "dump": "CC-MAIN-2013-20",
    "url": "http://www.Site.example/a?utm_source=x",
    "date": "2013-05-18T05:48:54Z",
    "file_path": "s3://commoncrawl/crawl-data/CC-MAIN-2013-20/x.warc.gz",
    "language": "en",
    "language_score": 0.97,
    "token_count": 7,
}
DCLM = {
    "bff_contained_ngram_count_before_dedupe": 20,
    "language_id_whole_page_fasttext": {"en": 0.938},
    "metadata": {
        "Content-Length": "61769",
        "WARC-Date": "2014-03-13T14:49:13Z",
        "WARC-Identified-Payload-Type": None,
        "WARC-Record-ID": "<urn:uuid:a57efb1b-c977-4b38-8f2a-4aefb27e00ac>",
        "WARC-Target-URI": "http://site.example/questions/114277",
    },
    "previous_word_count": 99,
    "text": "Take the 2-minute tour.",
    "url": "http://site.example/questions/114277",
    "warcinfo": "robots: classic",
    "fasttext_openhermes_reddit_eli5_vs_rw_v2_bigram_200k_train_prob": 0.0855,
}
DOLMA = {
    "id": "cc-1",
    "text": "Plain words.",
    "source": "common-crawl",
    "added": "2023-04-11T09:57:03.044571+00:00",
    "created": "2020-06-05T01:02:03.000Z",
    "metadata": {"url": "https://site.example/b", "cc_segment": "x"},
}


def expected(path: Path, **facts: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(
        [
            "http_status",
            "mime",
            "charset",
            "charset_source",
            "truncated",
            "opt_out",
            "licence",
            "digest",
            "html_bytes",
            "title",
            "published",
            "extractor",
            "lines_cut",
            "tags_cut",
            "page_kind",
            "gate_language",
            "gate_language_score",
            "gate_words",
            "reason",
            "error",
            "carried",
            "parents",
            "corpus",
            "copies",
        ]
    )
    return {"file_path": str(path), "nth": 0, "outcome": "extracted", **nothing, **facts}


def test_a_row_of_fineweb_becomes_a_document(tmp_path: Path) -> None:
    path = parquet(tmp_path / "000_00000.parquet", {name: [value] for name, value in FINEWEB.items()})
    documents, told = read(path, columns=CorpusColumns(carry=("token_count", "file_path")))
    assert documents == [
        expected(
            path,
            id="<urn:uuid:d66bc6fe-8477-4adf-b430-f6a558ccc8ff>",
            url="http://www.Site.example/a?utm_source=x",
            url_key="www.site.example/a",
            host="www.site.example",
            domain="site.example",
            date="2013-05-18T05:48:54Z",
            dump="CC-MAIN-2013-20",
            offset=0,
            length=None,
            page_language="en",
            text="How AP reported in all formats.",
            carried=[("token_count", "7"), ("file_path", "s3://commoncrawl/crawl-data/CC-MAIN-2013-20/x.warc.gz")],
        )
    ]
    assert (told[0]["outcome"], told[0]["records"]) == ("read", [("row", 1)])


def test_a_row_of_dclm_becomes_a_document(tmp_path: Path) -> None:
    path = tmp_path / "shard_00000000_processed.jsonl.zst"
    path.write_bytes(packed(jsonl([DCLM]), "zstd"))
    documents, told = read(path, columns=CorpusColumns(carry=("metadata.Content-Length", "previous_word_count")))
    assert documents == [
        expected(
            path,
            id="<urn:uuid:a57efb1b-c977-4b38-8f2a-4aefb27e00ac>",
            url="http://site.example/questions/114277",
            url_key="site.example/questions/114277",
            host="site.example",
            domain="site.example",
            date="2014-03-13T14:49:13Z",
            dump="RUN",
            offset=0,
            length=len(jsonl([DCLM])),
            page_language="en",
            text="Take the 2-minute tour.",
            carried=[("metadata.Content-Length", "61769"), ("previous_word_count", "99")],
        )
    ]
    assert (told[0]["outcome"], told[0]["records"]) == ("read", [("row", 1)])


def test_a_row_of_dolma_becomes_a_document(tmp_path: Path) -> None:
    path = tmp_path / "cc_en_head-0000.json.gz"
    path.write_bytes(packed(jsonl([DOLMA]), "gzip"))
    documents, _ = read(path)
    assert documents == [
        expected(
            path,
            id="cc-1",
            url="https://site.example/b",
            url_key="site.example/b",
            host="site.example",
            domain="site.example",
            date="2020-06-05T01:02:03Z",
            dump="RUN",
            offset=0,
            length=len(jsonl([DOLMA])),
            page_language=None,
            text="Plain words.",
        )
    ]


def test_dclm_as_parquet_gives_the_same_row(tmp_path: Path) -> None:
    metadata = DCLM["metadata"]
    assert isinstance(metadata, dict)
    row = DCLM | {"metadata": metadata | {"WARC-Date": datetime(2014, 3, 13, 14, 49, 13)}}
    path = parquet(tmp_path / "a.parquet", {name: [value] for name, value in row.items()})
    other = tmp_path / "a.jsonl"
    other.write_bytes(jsonl([DCLM]))
    (of_parquet,), _ = read(path)
    (of_json,), _ = read(other)
    differ = {"file_path", "length"}
    assert {k: v for k, v in of_parquet.items() if k not in differ} == {k: v for k, v in of_json.items() if k not in differ}


def test_metadata_may_be_a_map(tmp_path: Path) -> None:
    kind = pa.map_(pa.string(), pa.string())
    columns = {"text": ["Words."], "metadata": pa.array([[("url", "http://a.example/"), ("WARC-Record-ID", "x")]], kind)}
    documents, _ = read(parquet(tmp_path / "a.parquet", columns))
    assert (documents[0]["id"], documents[0]["url"]) == ("x", "http://a.example/")


def test_folders_give_what_the_rows_do_not(tmp_path: Path) -> None:
    folder = tmp_path / "corpus" / "dump=CC%2DMAIN-2026-43" / "language=de" / "chunk=7"
    folder.mkdir(parents=True)
    path = parquet(folder / "part-0.parquet", {"text": ["A", "B"], "id": ["1", "2"], "language": [None, "fr"]})
    documents, _ = read(path, columns=CorpusColumns(carry=("chunk",)))
    facts = [(row["dump"], row["page_language"], row["carried"]) for row in documents]
    assert facts == [("CC-MAIN-2026-43", "de", [("chunk", "7")]), ("CC-MAIN-2026-43", "fr", [("chunk", "7")])]


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2013-05-18T05:48:54Z", "2013-05-18T05:48:54Z"),
        (" 2013-05-18 05:48:54.9+02:00 ", "2013-05-18T03:48:54Z"),
        ("2013-05-18", "2013-05-18T00:00:00Z"),
        ("May 2013", None),
        ("9999-12-31T23:59:59-10:00", None),
        ("", None),
        (1368856134, None),
        (None, None),
    ],
)
def test_a_date_is_as_a_warc_has_it_or_null(tmp_path: Path, value: object, date: str | None) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl([{"text": "Words.", "date": value}]))
    documents, _ = read(path)
    assert (documents[0]["outcome"], documents[0]["date"]) == ("extracted", date)
