"""The made-up root of a crawl has the rows that its ledgers say, and chunks that are links have the rows of those they link to."""

from itertools import pairwise
from pathlib import Path

import pyarrow.dataset as ds

from bench.crawl.made_root import Size, Tables, addresses, link, row_ids
from udfs.signals.sets import schema_of


def test_the_tables_have_the_rows_that_the_ledgers_count(tmp_path: Path) -> None:
    size = Size(chunks=2, files=3, rows=50, distinct=1)
    Tables(size, signals=schema_of({"language", "statistics"})).write(tmp_path, 0, "00000")
    link(tmp_path, "00000", "00001")

    def count(table: str, outcome: str | None = None) -> int:
        rows = ds.dataset(tmp_path / table, format="parquet", partitioning="hive")
        return int(rows.count_rows(filter=ds.field("outcome") == outcome if outcome is not None else None))

    found = {
        "extract": len(list(tmp_path.glob("documents/chunk=*/kind=document"))) * size.rows,
        "annotate": count("signals/first"),
        "filter": count("decisions/filter"),
        "dedup": count("decisions/filter", "kept"),
        "publish": count("decisions/dedup", "kept"),
    }
    assert found == size.counts and count("corpus") == size.counts["publish"]
    ids = ds.dataset(tmp_path / "decisions/dedup/chunk=00001", format="parquet").to_table(columns=["id"]).column("id")
    assert str(row_ids(0, 3)[2]) in ids.to_pylist()


def test_ids_are_each_once_and_in_no_order_so_that_no_statistics_tell_what_a_file_lacks() -> None:
    ids = row_ids(0, 1_000)
    assert ids[7] == row_ids(0, 8)[7] and len(ids.unique()) == 1_000
    assert all(id not in ids.to_pylist() for id in row_ids(1, 1_000).to_pylist())
    assert 400 < sum(a < b for a, b in pairwise(ids.to_pylist())) < 600
    some, others = sorted(addresses(ids).to_pylist()), sorted(addresses(row_ids(1, 1_000)).to_pylist())
    assert some[0] < others[1] < some[-1] and others[0] < some[1] < others[-1]


def test_a_crawl_has_so_many_files_a_chunk_and_each_once() -> None:
    size = Size(chunks=4, files=3, rows=1, distinct=4)
    every = [path for chunk in range(4) for path in size.of(chunk)]
    assert every == size.paths and len(set(every)) == 12
