"""A WARC that was replaced under its old name is noticed before any work; one that was only touched is not."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.engine.errors import RecipeError
from tests.documents.test_documents import http, member
from tests.runs import markers, rows, run, tiny

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def write(path: Path, *pages: str) -> Path:
    """Write a WARC of some pages."""
    body = (member("response", http(f"<p>{page} has a few plain words.</p>".encode()), identifier=page) for page in pages)
    path.write_bytes(b"".join(body))
    return path


def ids(root: Path) -> list[str]:
    return [row["id"] for row in rows(root, "documents")]


def test_a_replaced_warc_is_refused_and_read_again_when_asked_for_and_a_touched_one_is_neither(
    spark: "SparkSession", tmp_path: Path
) -> None:
    warcs = [write(tmp_path / "a.warc.gz", "one"), write(tmp_path / "b.warc.gz", "two")]
    root, recipe = tmp_path / "root", tiny(warcs)
    run(spark, recipe, root, only="extract")
    before = markers(root)
    os.utime(warcs[0], (1, 1))
    run(spark, recipe, root, only="extract")
    assert (markers(root), ids(root)) == (before, ["<urn:uuid:one>", "<urn:uuid:two>"])

    write(warcs[1], "two", "three")
    with pytest.raises(RecipeError, match=rf"1 file\(s\) that were replaced .* such as {warcs[1]}: .*Run with --from extract"):
        run(spark, recipe, root, only="extract")
    assert markers(root) == before
    run(spark, recipe, root, start="extract")
    assert ids(root) == ["<urn:uuid:one>", "<urn:uuid:three>", "<urn:uuid:two>"]
    after = markers(root)
    run(spark, recipe, root)
    assert markers(root) == after
