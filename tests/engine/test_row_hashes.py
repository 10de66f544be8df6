"""No stage makes other rows than before under the revision that it had before."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.stages import NAMES
from tests.engine.row_hashes import REVISIONS, fault, hashed, made, recorded, upstream, with_revisions
from tests.runs import Finished

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="module")
def now(spark: "SparkSession", finished: Finished, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return with_revisions(made(spark, finished, tmp_path_factory.mktemp("row-hashes")))


@pytest.mark.spark
@pytest.mark.parametrize("name", REVISIONS)
def test_the_rows_of_a_stage_move_only_with_its_revision(now: dict[str, dict[str, Any]], name: str) -> None:
    record = recorded()
    moved = [one for one, made in now.items() if record.get(one) != made]
    found = fault(name, was=record.get(name), now=now[name], moved=moved)
    assert found is None, found


def test_every_stage_is_hashed_and_nothing_else() -> None:
    assert set(recorded()) == set(REVISIONS) > set(NAMES)


def test_what_to_do_is_said() -> None:
    was = {"revision": 1, "hash": "a"}
    assert fault("dedup", was=was, now=dict(was)) is None
    assert fault("dedup", was=was, now={"revision": 1, "hash": "b"}) == (
        "the rows of dedup are others than before, and its revision is still 1: a root that is finished would keep the old rows as if they "
        "were right. If they are to move, raise `revision` in jobs/dedup/__init__.py and run `python -m tests.engine.row_hashes`; else undo "
        "what moved them"
    )
    assert "raise `revision` in udfs/signals/sets.py" in str(fault("annotate: pii", was=was, now={"revision": 1, "hash": "b"}))
    for new in ({"revision": 2, "hash": "a"}, {"revision": 2, "hash": "b"}):
        assert fault("dedup", was=was, now=new) == (
            "the record of dedup has revision 1, and the code 2. Run `python -m tests.engine.row_hashes`"
        )
    assert (
        fault("dedup", was=None, now=was) == "the rows of dedup are not recorded yet. Run `python -m tests.engine.row_hashes`"
    )


def test_rows_that_moved_with_those_before_them_point_to_these() -> None:
    was, now = {"revision": 1, "hash": "a"}, {"revision": 1, "hash": "b"}
    moved = ("annotate: pii", "dedup", "publish")
    assert (
        fault("publish", was=was, now=now, moved=moved)
        == "the rows of publish rest on those of dedup, which moved: see to dedup first"
    )
    assert str(fault("annotate: pii", was=was, now=now, moved=moved)).startswith(
        "the rows of annotate: pii are others than before"
    )
    every = ["extract", "annotate", "filter", "dedup", *(name for name in REVISIONS if name.startswith("annotate: "))]
    assert upstream("publish") == upstream("passages") == every


def test_a_hash_does_not_depend_on_where_the_files_lay_and_does_on_every_value() -> None:
    row = {
        "id": "a",
        "file_path": "/here/x.warc.gz",
        "score": 0.5,
        "edits": [{"start": 1, "kind": "email"}],
        "minhash": b"\x01",
    }
    same = hashed([row])
    assert hashed([{**row, "file_path": str(Path("/elsewhere/x.warc.gz"))}]) == same
    assert hashed([dict(reversed(row.items()))]) == same
    others: list[dict[str, Any]] = [
        {"file_path": "/here/y.warc.gz"},
        {"score": 0.6},
        {"score": None},
        {"edits": [{"start": 2, "kind": "email"}]},
        {"minhash": b"\x02"},
    ]
    assert same not in {hashed([{**row, **other}]) for other in others}
    assert hashed([row, row]) != same != hashed([])


def test_a_column_that_came_later_moves_no_hash_while_it_is_null() -> None:
    row = {"id": "a", "text": None}
    assert hashed([{**row, "parents": None}]) == hashed([row]) != hashed([{"id": "a"}])
    assert hashed([{**row, "parents": [{"root": "r", "id": "p"}]}]) != hashed([row])
