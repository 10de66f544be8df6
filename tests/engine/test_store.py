"""What the engine asks of a store is answered alike by a disk, by S3 and by a file system of Hadoop's."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import pytest

from jobs.engine.hadoop_store import HadoopStore
from jobs.engine.local_store import LocalStore
from jobs.engine.s3_store import S3Store
from jobs.engine.store import Store, delete_all, read_all, store_of
from tests.s3_server import BUCKET, S3Server, environment
from tests.waiting import PATIENCE_S

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MANY = 1005  # more than S3 lists, or deletes, by one request


@pytest.fixture
def local(tmp_path: Path) -> Store:
    return LocalStore(str(tmp_path / "root"))


@pytest.fixture
def on_s3(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Store:
    for name, value in environment(s3.admin, endpoint=s3.endpoint).items():
        monkeypatch.setenv(name, value)
    return S3Store(f"s3://{BUCKET}/stores/{uuid4().hex}")


@pytest.fixture
def on_hadoop(spark: "SparkSession", tmp_path: Path) -> Store:
    return HadoopStore((tmp_path / "root").as_uri(), spark)


@pytest.fixture(params=["local", "on_s3", pytest.param("on_hadoop", marks=pytest.mark.spark)])
def store(request: pytest.FixtureRequest) -> Store:
    made: Store = request.getfixturevalue(request.param)
    return made


def test_a_file_is_read_as_it_was_written_last(store: Store) -> None:
    assert store.read("plan/00000.json") is None
    store.write("plan/00000.json", "one\nÜ 漢 \U0001f600")
    assert store.read("plan/00000.json") == "one\nÜ 漢 \U0001f600"
    store.write("plan/00000.json", "two")
    assert store.read("plan/00000.json") == "two"
    store.write("empty", "")
    assert store.read("empty") == ""


def test_what_is_no_file_reads_as_absent_and_lists_as_empty(store: Store) -> None:
    store.write("plan/00000.json", "{}")
    assert store.read("plan") is None
    assert store.read("plan/00000.json/below") is None
    assert store.names("plan/00000.json") == []
    assert store.names("absent") == []


def test_a_folder_lists_its_own_entries_by_name_and_in_order(store: Store) -> None:
    for path in ("b/2.json", "b/10.json", "b/deep/er/3.json", "b2/4.json", "a.json"):
        store.write(path, "{}")
    assert store.names("b") == ["10.json", "2.json", "deep"]
    assert store.names("b/deep") == ["er"]
    assert store.names("") == ["a.json", "b", "b2"]


def test_a_file_and_a_folder_exist_and_a_name_that_begins_like_one_does_not(store: Store) -> None:
    store.write("corpus/dump=A/part.json", "{}")
    store.write("corpus-old/part.json", "{}")
    known = ("corpus/dump=A/part.json", "corpus/dump=A", "corpus", "corpus-old")
    assert [path for path in known if not store.exists(path)] == []
    absent = ("corpus/dump=A/part", "corpus/dump", "corp", "corpus/dump=A/part.json/x")
    assert [path for path in absent if store.exists(path)] == []


def test_a_folder_exists_beside_names_that_sort_before_its_files(store: Store) -> None:
    for name in ("plan-a", "plan-b", "plan.json"):  # "-" and "." come before "/"
        store.write(name, "{}")
    assert not store.exists("plan")
    store.write("plan/00000.json", "{}")
    assert store.exists("plan")


class ByteOrder:
    """Answer listings as Amazon's S3 does, by the bytes of the keys; SeaweedFS lists a folder before names that begin like it."""

    def __init__(self, *keys: str) -> None:
        self.keys = sorted(keys, key=str.encode)

    def list_objects_v2(self, *, Bucket: str, Prefix: str, MaxKeys: int = 1000, Delimiter: str = "") -> dict[str, Any]:
        found = [key for key in self.keys if key.startswith(Prefix)]
        return {"Contents": [{"Key": key} for key in found if not Delimiter or Delimiter not in key[len(Prefix) :]][:MaxKeys]}

    def get_paginator(self, name: str) -> "ByteOrder":
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        return [self.list_objects_v2(**asked)]


def test_a_folder_exists_where_more_names_sort_before_it_than_are_looked_at() -> None:
    store = S3Store("s3://bucket/root")
    store.client = ByteOrder("root/plan-a", "root/plan-b", "root/plan.json", "root/plan/00000.json")  # type: ignore[assignment]
    assert store.exists("plan")
    store.client = ByteOrder("root/plan-a", "root/plan-b", "root/plan.json")  # type: ignore[assignment]
    assert not store.exists("plan")


def test_a_file_or_a_whole_folder_is_deleted_and_what_is_absent_is_no_fault(store: Store) -> None:
    for path in ("a/1.json", "a/2.json", "a2/3.json", "a4.json", "deep/5.json", "deep/er/6.json"):
        store.write(path, "{}")
    store.delete("a/1.json")
    assert (store.exists("a/1.json"), store.names("a")) == (False, ["2.json"])
    store.delete("a")
    assert (store.exists("a"), store.read("a/2.json"), store.read("a2/3.json"), store.read("a4.json")) == (
        False,
        None,
        "{}",
        "{}",
    )
    store.delete("deep")  # SeaweedFS goes on listing the folder that was inside, without a file
    assert (store.read("deep/5.json"), store.read("deep/er/6.json"), store.names("deep/er")) == (None, None, [])
    store.delete("a")
    store.delete("absent/file.json")


def test_only_the_first_to_create_a_file_does_so(store: Store) -> None:
    assert store.create("lease/1.json", "first")
    assert not store.create("lease/1.json", "second")
    assert store.read("lease/1.json") == "first"
    store.delete("lease/1.json")
    assert store.create("lease/1.json", "third")
    assert (store.read("lease/1.json"), store.names("lease")) == ("third", ["1.json"])


@pytest.mark.parametrize("name", ["local", "on_s3"])
def test_of_many_who_create_a_file_at_once_one_does(name: str, request: pytest.FixtureRequest) -> None:
    store: Store = request.getfixturevalue(name)
    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(lambda n: store.create("lease/1.json", str(n)), range(16)))
    assert won.count(True) == 1
    assert store.read("lease/1.json") == str(won.index(True))


@pytest.mark.parametrize("name", ["local", "on_s3"])
def test_more_entries_than_one_request_of_s3_names_are_listed_read_and_deleted(
    name: str, request: pytest.FixtureRequest
) -> None:
    store: Store = request.getfixturevalue(name)
    paths = [f"plan/{n:05d}.json" for n in range(MANY)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda path: store.write(path, path), paths))
    assert store.names("plan") == [path.partition("/")[2] for path in paths]
    assert read_all(store, paths) == {path: path for path in paths}
    store.delete("plan")
    assert store.names("plan") == []


@pytest.mark.spark
def test_the_store_of_a_root_is_chosen_by_its_path(spark: "SparkSession") -> None:
    kinds: dict[str, Callable[[], Store]] = {
        "LocalStore": lambda: store_of("/runs/a"),
        "S3Store": lambda: store_of("s3a://bucket/runs/a"),
        "HadoopStore": lambda: store_of("hdfs://host/runs/a", spark),
    }
    assert [type(make()).__name__ for make in kinds.values()] == list(kinds)
    assert type(store_of("file:///runs/a")).__name__ == "LocalStore"
    with pytest.raises(ValueError, match="without Spark only local and S3 roots can be read"):
        store_of("hdfs://host/runs/a")


def test_a_local_root_that_hadoop_has_named_is_read_without_undoing_escapes(tmp_path: Path) -> None:
    (tmp_path / "100%25 x").mkdir()
    (tmp_path / "100%25 x" / "run.json").write_text("{}")
    assert store_of(f"file:{tmp_path}/100%25 x").read("run.json") == "{}"


def test_many_files_are_deleted_side_by_side(local: Store) -> None:
    for name in ("a/1.json", "a/2.json", "b"):
        local.write(name, "{}")
    met = Barrier(2, timeout=PATIENCE_S)

    class Meeting:
        """Deletes only when two are asked for at once."""

        def delete(self, path: str) -> None:
            met.wait()
            local.delete(path)

    delete_all(cast(Store, Meeting()), ["a", "b"])
    assert (local.names("a"), local.names("")) == ([], [])
    delete_all(local, [])
