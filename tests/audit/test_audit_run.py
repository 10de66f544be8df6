"""The audit of a finished run: every removal in its stratum, both texts, those of another dump too, and no chunk read for nothing."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.audit.examined import _texts
from jobs.audit.removals import Stratum
from jobs.audit.write import audit, write_audit
from jobs.contexts import stored_context
from jobs.dedup import STAGE as DEDUP
from jobs.dedup.tables import DECISIONS
from jobs.engine.tables import Table
from tests.runs import Finished, rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
SEMANTIC = Table(
    "decisions/semantic",
    pa.schema([*((n, pa.string()) for n in ("id", "outcome", "reason", "duplicate_of")), ("cosine", pa.float64())]),
)


def test_every_removal_is_compared_with_what_it_lost_to(spark: "SparkSession", finished: Finished, tmp_path: Path) -> None:
    root = finished.copy(tmp_path / "root")
    context = stored_context(spark, str(root))
    lines = list(write_audit(context, n=1000))
    found = audit(context, n=1000)
    dropped = finished.markers["dedup"]["ledger"]["dropped"]
    sizes: dict[str, int] = {}
    for stratum, row in found.rows.items():
        sizes[stratum.reason] = sizes.get(stratum.reason, 0) + row.size
        assert row.compared == row.size == len(found.pairs[stratum])
    assert (sizes, found.missing) == (dropped, {})
    urls = {row["id"]: row["url"] for row in rows(root, "documents")}
    kept = {row["id"]: row["duplicate_of"] for row in rows(root, "decisions/dedup")}
    for pairs in found.pairs.values():
        for pair in pairs:
            assert pair.removed is not None and pair.kept is not None
            assert (pair.removed.id, pair.kept.id) == (pair.removal.id, kept[pair.removal.id])
            assert (pair.removed.url, pair.kept.url) == (urls[pair.removed.id], urls[pair.kept.id])
            assert pair.removed.words > 0
    exact = found.rows[Stratum("dedup", "exact_text", 1.0)]
    assert exact.losses["nothing"].found == exact.copies["level"].found == exact.size
    assert lines[-1] == f"{root}/audit.html" and "near_duplicate, 0.8 to 0.9" in Path(lines[-1]).read_text("utf-8")
    few = audit(context, n=5)
    assert few.total.size == found.total.size and few.total.compared == 5
    chosen = {pair.removal.id for pairs in few.pairs.values() for pair in pairs}
    assert chosen == {pair.removal.id for pairs in audit(context, n=5).pairs.values() for pair in pairs}


def test_a_kept_document_of_another_dump_is_read_from_its_root_and_one_that_is_gone_is_said_to_be(
    spark: "SparkSession", finished: Finished, tmp_path: Path
) -> None:
    root = finished.copy(tmp_path / "root")
    finished.copy(tmp_path / "old")
    decided = [{**row, "chunk": f"{row['chunk']:05d}"} for row in rows(root, "decisions/dedup", without=())]
    near = [row for row in decided if row["reason"] == "near_duplicate"][:3]
    places = {row["id"]: row["chunk"] for row in decided}
    listed = [{"id": row["duplicate_of"], "chunk": places[row["duplicate_of"]]} for row in near]
    for dump in ("OLD", "GONE"):
        (tmp_path / f"index/{dump}/documents").mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(listed), tmp_path / f"index/{dump}/documents/part-0.parquet")
    pins = [
        {"name": dump, "root": str(tmp_path / dump.lower()), "folder": str(tmp_path / f"index/{dump}")}
        for dump in ("OLD", "GONE")
    ]
    marker = root / "decisions/dedup/_stage.json"
    marker.write_text(json.dumps({**json.loads(marker.read_text()), "pinned": pins}))
    dumps = ("OLD", "GONE", None)
    changed = [{**row, "duplicate_dump": dump} for row, dump in zip(near, dumps, strict=True)]
    keepers = [next(one for one in decided if one["id"] == row["duplicate_of"]) for row in near]
    _rewrite(root, DECISIONS, [*changed, *keepers])
    rewritten = [{**row, "cosine": 0.97, "reason": "semantic_duplicate"} for row in near[:1]]
    _rewrite(root, SEMANTIC, rewritten)
    (root / "decisions/semantic/_stage.json").write_text("{}")

    context = stored_context(spark, str(root))
    found = audit(replace(context, stages=(*context.stages, _semantic())), n=100)
    pairs = {(p.removal.stratum.reason, p.removal.id): p for some in found.pairs.values() for p in some}
    from_old, gone, own = (pairs["near_duplicate", row["id"]] for row in near)
    assert from_old.kept is not None and from_old.kept.id == near[0]["duplicate_of"] and own.kept is not None
    assert (gone.removed, gone.missing) == (None, "the documents of GONE are gone")
    assert Stratum("semantic", "semantic_duplicate", 0.95) in found.rows
    assert found.missing == {"the documents of GONE are gone": 1}

    place = near[0]["chunk"]
    read = _texts(context.root, [(0, "removed", near[0]["id"], place)]).inputFiles()
    assert {part for name in read for part in name.split("/") if part.startswith("chunk=")} == {f"chunk={place}"}


def _semantic() -> Any:
    return replace(DEDUP, name="semantic", writes=(SEMANTIC,), decisions=SEMANTIC)


def _rewrite(root: Path, table: Table, changed: list[dict[str, Any]]) -> None:
    """Write a table of these rows alone, by chunk."""
    for chunk in (root / table.path).glob("chunk=*"):
        shutil.rmtree(chunk)
    for number, row in enumerate(changed):
        place = root / table.path / f"chunk={row['chunk']}"
        place.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist([row], schema=table.schema), place / f"part-{number}.parquet")
