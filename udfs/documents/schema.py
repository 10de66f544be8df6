"""The columns that a source writes: a document for every captured page or corpus row, a file row for every range of bytes read."""

import pyarrow as pa

# A document made of others names them, in the order in which they stand in its text. `root` is the root of a run, or a folder of
# Parquet, and `id` a document there. Where the other's text stands verbatim, it is the characters [start, end) of this document's
# text, counted in code points; else both are null. A page or row that was read has no parents: file_path says where it came from.
PARENTS = pa.list_(pa.struct([("root", pa.string()), ("id", pa.string()), ("start", pa.int64()), ("end", pa.int64())]))

DOCUMENT_FIELDS = pa.schema(
    [
        ("id", pa.string()),
        ("url", pa.string()),
        ("url_key", pa.string()),
        ("host", pa.string()),
        ("domain", pa.string()),
        ("date", pa.string()),
        ("dump", pa.string()),
        ("file_path", pa.string()),
        ("offset", pa.int64()),
        # of the records that share this offset, in one gzip member; of a text made from a document, its number among those of its
        # style, from 0: the generation of a rephrase, the gap of a thought
        ("nth", pa.int32()),
        ("length", pa.int64()),
        ("http_status", pa.int32()),
        ("mime", pa.string()),
        ("charset", pa.string()),
        ("charset_source", pa.string()),
        ("truncated", pa.string()),
        ("opt_out", pa.list_(pa.string())),
        ("licence", pa.string()),
        ("digest", pa.string()),
        ("html_bytes", pa.int64()),
        ("title", pa.string()),
        ("published", pa.string()),
        (
            "page_language",
            pa.string(),
        ),  # what the page says of itself, or the corpus of the document; annotate measures its own
        ("extractor", pa.string()),
        ("lines_cut", pa.int32()),
        ("tags_cut", pa.int32()),  # of elements that stood too deep; their text stays
        (
            "page_kind",
            pa.string(),
        ),  # article, forum, listing, product, documentation, service, collection; where the extractor tells it
        ("gate_language", pa.string()),
        ("gate_language_score", pa.float64()),
        ("gate_words", pa.int64()),
        ("text", pa.string()),
        ("outcome", pa.string()),
        ("reason", pa.string()),
        ("error", pa.string()),
        # further columns of a corpus, other values than strings as JSON; of a text that a model wrote, its style and what made it
        ("carried", pa.map_(pa.string(), pa.string())),
        ("parents", PARENTS),
        ("corpus", pa.string()),  # of a mix: the corpus that the document is from, by its name in the recipe
        ("copies", pa.int64()),  # of a mix: how often the document stands in it
    ]
)
FILE_FIELDS = pa.schema(
    [
        ("file_path", pa.string()),
        ("chunk", pa.int32()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("records", pa.map_(pa.string(), pa.int64())),
        ("not_found", pa.int64()),  # chosen by [extract.index_filter], and no whole record where the index says
        ("spans_skipped", pa.list_(pa.struct([("offset", pa.int64()), ("length", pa.int64()), ("why", pa.string())]))),
        ("bytes_records", pa.int64()),
        ("bytes_skipped", pa.int64()),
        ("bytes_unchosen", pa.int64()),  # of records that [extract.index_filter] did not choose, and between them
        ("bytes_requested", pa.int64()),  # of the ranges that were asked for
        ("requests", pa.int32()),  # GETs of a remote file, resumed ones not counted; openings of a local one
        ("attempts", pa.int32()),
        ("outcome", pa.string()),
        ("reason", pa.string()),
        ("error", pa.string()),
        ("seconds", pa.float64()),
        ("pages_reused", pa.int32()),
        ("child_restarts", pa.int32()),
        ("child_peak_mb", pa.int32()),
        ("worker_peak_mb", pa.int32()),
    ]
)
ROW_SCHEMA = pa.schema([("document", pa.struct(list(DOCUMENT_FIELDS))), ("file", pa.struct(list(FILE_FIELDS)))])
