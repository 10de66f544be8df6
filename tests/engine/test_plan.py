"""The plan grows by what is new or failed: a file that stays unreadable adds one chunk and no more, and a replaced one is noticed."""

import os
from pathlib import Path

import pytest

from jobs.engine import documents
from jobs.engine.errors import RecipeError
from jobs.engine.plan import Plan, by_count, grow, write_plan
from jobs.engine.root import Root

HOW = "as always"


def planned(root: Root, files: list[str], *, again: bool = False, chunk_files: int = 10) -> Plan:
    """Plan as a new process does, and write the plan down."""
    root = Root(None, root.path)
    plan = grow(
        root,
        wanted=files,
        stored=documents.planned(root),
        named=files,
        again=again,
        groups=by_count(chunk_files),
        split=lambda whole: (whole,),
    )
    write_plan(root, plan)
    return plan


def read(root: Root, plan: Plan, *, failed: tuple[str, ...] = ()) -> None:
    """Mark the chunks that a plan adds as read."""
    for name, chunk in plan.added.items():
        paths = {part.file_path for part in chunk}
        lost = sorted(paths & set(failed))
        marker = {"fingerprint": HOW, "failed_files": lost, "good_files": len(paths) - len(lost)}
        root.write_json(f"documents/_chunks/{name}.json", marker)


def told(plan: Plan) -> dict[str, list[tuple[str, int]]]:
    """Give the chunks that a plan adds, with each file's name and how often it has been planned."""
    return {name: [(Path(part.file_path).name, part.attempt) for part in chunk] for name, chunk in plan.added.items()}


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return Root(None, str(tmp_path / "root"))


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = [tmp_path / name for name in ("a.warc.gz", "b.warc.gz", "bad.warc.gz")]
    for path in paths:
        path.write_bytes(f"bytes of {path.name}".encode())
    return [str(path) for path in paths]


def test_a_file_that_stays_unreadable_gets_one_chunk_of_its_own_which_is_read_again_each_time(
    root: Root, files: list[str]
) -> None:
    bad = (files[2],)
    read(root, planned(root, files), failed=bad)
    chunks, contents = [], []
    for attempt in (2, 3, 4):
        plan = planned(root, files)
        read(root, plan, failed=bad)
        assert (told(plan), plan.retried) == ({"00001": [("bad.warc.gz", attempt)]}, bad)
        chunks.append(root.names("plan"))
        contents.append(documents.content(Root(None, root.path)))
    assert chunks == [["00000.json", "00001.json"]] * 3
    assert contents == [[["00000", [files[2]]]]] * 3  # to every later stage nothing has changed
    assert documents.still_failed(Root(None, root.path)) == [("00001", files[2])]

    healed = planned(root, files)
    read(root, healed)
    now = Root(None, root.path)
    assert (documents.still_failed(now), documents.chunks(now)) == ([], ["00000", "00001"])
    assert (planned(root, files).added, planned(root, files).retried) == ({}, ())


def test_a_chunk_of_failed_files_alone_is_read_again_in_place(root: Root, files: list[str]) -> None:
    read(root, planned(root, files[:2]))
    added = planned(root, files)
    assert told(added) == {"00001": [("bad.warc.gz", 1)]}
    read(root, added, failed=(files[2],))
    assert told(planned(root, files)) == {"00001": [("bad.warc.gz", 2)]}


def test_a_chunk_of_the_plan_that_is_not_read_is_pending(root: Root, files: list[str]) -> None:
    planned(root, files, chunk_files=1)
    assert documents.pending(Root(None, root.path), HOW) == ["00000", "00001", "00002"]
    root.write_json("documents/_chunks/00001.json", {"fingerprint": HOW})
    root.write_json("documents/_chunks/00002.json", {"fingerprint": "otherwise"})
    assert documents.pending(Root(None, root.path), HOW) == ["00000", "00002"]


def test_a_local_file_replaced_under_its_old_name_is_refused_and_read_again_when_asked_for(
    root: Root, files: list[str]
) -> None:
    read(root, planned(root, files))
    Path(files[1]).write_bytes(b"other bytes")
    with pytest.raises(RecipeError) as refused:
        planned(root, files)
    assert str(refused.value) == (
        f"{root.path} holds pages of 1 file(s) that were replaced under their old names since, such as {files[1]}: its corpus would be of "
        f"files that are gone, so nothing was run. Run with --from extract (or read, rephrase or mix, if the recipe has that) to read all "
        f"again, or give another --root"
    )
    assert told(planned(root, files, again=True)) == {"00000": [(Path(path).name, 1) for path in files]}
    read(root, planned(root, files, again=True))
    assert planned(root, files).added == {}


def test_a_file_of_the_same_length_with_other_bytes_at_either_end_is_another(root: Root, files: list[str]) -> None:
    place = Path(files[0])
    body = bytes(range(256)) * 1024  # twice as long as what is looked at
    place.write_bytes(body)
    read(root, planned(root, files))
    for other in (b"x" + body[1:], body[:-1] + b"x"):
        place.write_bytes(other)
        later = place.stat().st_mtime_ns + 10**9
        os.utime(place, ns=(later, later))
        with pytest.raises(RecipeError, match="replaced under their old names"):
            planned(root, files)


def test_a_mere_touch_or_a_copy_put_back_is_the_same_file(root: Root, files: list[str]) -> None:
    read(root, planned(root, files))
    for path in files:
        os.utime(path, (1, 1))
    assert planned(root, files).added == {}


def test_a_file_that_could_not_be_read_may_be_replaced(root: Root, files: list[str]) -> None:
    read(root, planned(root, files), failed=(files[2],))
    Path(files[2]).write_bytes(b"healed")
    assert told(planned(root, files)) == {"00001": [("bad.warc.gz", 2)]}
