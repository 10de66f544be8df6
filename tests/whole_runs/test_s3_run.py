"""A whole run over real pages from a real S3 server that behaves, that misbehaves, and that heals: the rows are those of local files."""

import gzip
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds
import pytest

from jobs import commands, main
from jobs.engine.models import fetch
from jobs.recipe.load import load_recipe
from tests.reading.fault_proxy import Asked, Fault, FaultProxy, fault_proxy, no_fault, seeded_faults
from tests.runs import MODELS, PROJECT, TABLES, markers, rows, run
from tests.s3_server import BUCKET, READER, S3Server, environment
from udfs.reading import http_s3 as store
from udfs.reading import resuming_stream

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.real, pytest.mark.long]

FOLDER = "crawl-data/CC-MAIN-2026-43/segments/1/warc"
LIST = "crawl-data/CC-MAIN-2026-43/warc.paths.gz"
LOCKED, CHANGING = "pywb__iana.warc.gz", "dolma__sample-0000.warc.gz"
BRISK = """
from udfs.reading import resuming_stream
resuming_stream.BACKOFF_FIRST_S, resuming_stream.BACKOFF_LONGEST_S = 0.1, 0.5
"""


@dataclass(frozen=True)
class Crawl:
    """The files of a run on disk and as keys of the bucket, in order, and the root of a run over those on disk."""

    recipe: Path
    paths: tuple[Path, ...]
    local: Path
    stand_in: Path  # what lies under the key of CHANGING at first

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key(path.name) for path in self.paths)


def key(name: str) -> str:
    """Return where a file lies in the bucket."""
    return f"{FOLDER}/{name}"


@pytest.fixture(scope="module")
def crawl(spark: "SparkSession", sample: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """Run over local files. Those that will fail on S3 lie second and fourth: access is checked of the first, middle and last."""
    folder = tmp_path_factory.mktemp("s3-run")
    made, real = sorted((sample / "warc").glob("*.warc.gz")), shared_data / "real/real-warcs"
    paths = (made[0], real / LOCKED, made[1], real / CHANGING, made[2])
    text = (PROJECT / "conf/tiny.toml").read_text("utf-8")
    model = fetch("lid.176.ftz", folder=MODELS).path
    for old, new in (
        ("chunk_files = 1 ", "max_readers = 1\nchunk_files = 3 "),
        ("[annotate]\n", f'[annotate]\nlanguage_model = "{model}"\n'),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    before, _, after = text.partition("[dedup.near_duplicates]")  # they are not what this is about, and half of the work
    text = before + after[after.index("[publish]") :]
    recipe = folder / "s3.toml"
    recipe.write_text(text, "utf-8")
    overrides = {"input": [str(path) for path in paths], "max_readers": 500}
    run(spark, load_recipe(recipe, overrides=overrides), folder / "local")
    return Crawl(recipe, paths, folder / "local", real / "chatnoir-resiliparse__warcfile.warc.gz")


@pytest.fixture
def proxy(crawl: Crawl, s3: S3Server, spark: "SparkSession", monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    """Put the files into the bucket; driver and workers come through a proxy as somebody who may only read."""
    admin = s3.client()
    for path in crawl.paths:
        admin.put_object(Bucket=BUCKET, Key=key(path.name), Body=path.read_bytes())
    admin.put_object(Bucket=BUCKET, Key=LIST, Body=gzip.compress("\n".join(crawl.keys).encode()))

    @contextmanager
    def session(master: str) -> Iterator["SparkSession"]:
        yield spark

    monkeypatch.setattr(commands, "session", session)
    with fault_proxy(s3.endpoint) as proxy:
        for name, value in environment(READER, endpoint=proxy.endpoint).items():
            monkeypatch.setenv(name, value)
            monkeypatch.setitem(spark.sparkContext.environment, name, value)  # what Spark hands to its Python workers
        store._s3_client.cache_clear()
        yield proxy
    store._s3_client.cache_clear()


@pytest.fixture
def brisk(spark: "SparkSession", monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have driver and workers wait tenths of a second where they wait seconds, and take two seconds of nothing for a stall."""
    (tmp_path / "workers").mkdir()
    (tmp_path / "workers/sitecustomize.py").write_text(BRISK)  # Python runs a module of this name as it starts
    for name, value in (("GRISTMILL_READ_TIMEOUT_S", "2"), ("PYTHONPATH", str(tmp_path / "workers"))):
        monkeypatch.setitem(spark.sparkContext.environment, name, value)
    monkeypatch.setattr(resuming_stream, "BACKOFF_FIRST_S", 0.1)
    monkeypatch.setattr(resuming_stream, "BACKOFF_LONGEST_S", 0.5)


def gristmill(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run a command as from a shell, but for the Spark session; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["gristmill", *arguments])
    with pytest.raises(SystemExit) as left:
        main.main()
    return int(left.value.code or 0)


def run_from_s3(crawl: Crawl, root: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run the recipe over the bucket's list of files."""
    return gristmill("run", str(crawl.recipe), "--root", str(root), "--input", f"s3://{BUCKET}/{LIST}", monkeypatch=monkeypatch)


def all_rows(root: Path) -> dict[str, list[dict[str, Any]]]:
    """Read every table without what says where a file lay."""
    return {table: rows(root, table, without=("chunk", "file_path")) for table in TABLES}


def rows_of(root: Path, table: str, *, leaving_out: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
    """Return id, file name, text, outcome and reason of a table's rows, but for those of some files."""
    found = [
        (row["id"], Path(row["file_path"]).name, row.get("text"), row.get("outcome"), row.get("reason"))
        for row in rows(root, table)
    ]
    return [row for row in found if row[1] not in leaving_out]


def file_rows(root: Path) -> list[dict[str, Any]]:
    """Read the rows that say what became of each file, by chunk and name."""
    table = ds.dataset(root / "documents", format="parquet", partitioning="hive").to_table(columns=["chunk", "kind", "file"])
    found = [{**row["file"], "chunk": row["chunk"]} for row in table.to_pylist() if row["kind"] == "file"]
    return sorted(found, key=lambda row: (row["chunk"], row["file_path"]))


def tasks(root: Path) -> list[int]:
    """Count the tasks that extracted each chunk: every one tells of a file, and so writes one Parquet file of file rows."""
    return [len(list(chunk.glob("kind=file/*.parquet"))) for chunk in sorted((root / "documents").glob("chunk=*"))]


def test_a_run_from_s3_gives_the_rows_of_local_files_by_one_get_a_file(
    crawl: Crawl, proxy: FaultProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_from_s3(crawl, tmp_path, monkeypatch) == 0
    assert all_rows(tmp_path) == all_rows(crawl.local)
    asked = {name: proxy.gets(f"{BUCKET}/{name}") for name in crawl.keys}
    assert {name: sum(get.whole for get in gets) for name, gets in asked.items()} == dict.fromkeys(crawl.keys, 1)
    checks = [name for name in crawl.keys for get in asked[name] if not get.whole]
    assert checks == [crawl.keys[0], crawl.keys[2], crawl.keys[4]]  # one byte of the first, middle and last, before any work
    assert len(proxy.asked) == 5 + 3 + len(proxy.gets(f"{BUCKET}/{LIST}"))
    assert [row["requests"] for row in file_rows(tmp_path)] == [1] * 5
    assert (tasks(crawl.local), tasks(tmp_path)) == ([3, 2], [1, 1])  # max_readers: a task reads its files one by one


@pytest.mark.usefixtures("brisk")
def test_a_run_through_faults_loses_only_what_does_not_heal_and_a_rerun_adds_just_that(
    crawl: Crawl,
    proxy: FaultProxy,
    s3: S3Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """20 % SlowDown, 40 % broken bodies, a gate that opens again, one file that stays locked, one that is overwritten while read."""
    locked, changing, gate = (f"{BUCKET}/{key(name)}" for name in (LOCKED, CHANGING, crawl.paths[2].name))
    s3.client().put_object(Bucket=BUCKET, Key=key(CHANGING), Body=crawl.stand_in.read_bytes())
    weather = seeded_faults("94", throttled=0.2, broken=0.4, after=200_000)

    def policy(asked: Asked) -> Fault | None:
        if asked.path == locked:
            return Fault("status", status=403, code="AccessDenied")
        if asked.path == changing and asked.start == 0:
            return Fault("short", after=70_000)
        if asked.path == changing:
            s3.client().put_object(Bucket=BUCKET, Key=key(CHANGING), Body=crawl.paths[3].read_bytes())
            return None
        if asked.path == gate and asked.nth in (1, 2):  # the first is the check before any work
            return Fault("status", status=403, code="AccessDenied")
        fault = weather(asked)
        return fault if asked.whole or (fault is not None and fault.kind == "status") else None  # a byte does not break off

    proxy.policy = policy
    assert run_from_s3(crawl, tmp_path, monkeypatch) == 3
    told = capsys.readouterr().err
    assert {f"s3://{path}" in told for path in (locked, changing)} == {True}
    assert told.count("could not be read: ") == 2
    assert {asked.fault.kind for asked in proxy.asked if asked.fault} == {"status", "reset", "stall", "short", "cut"}
    failed = {row["file_path"]: row["error"] for row in file_rows(tmp_path) if row["outcome"] == "failed"}
    assert sorted(failed) == sorted((f"s3://{locked}", f"s3://{changing}"))
    assert "S3 answers 403 (AccessDenied), 6 times in a row" in failed[f"s3://{locked}"]
    assert "it changed while being read (its ETag is another)" in failed[f"s3://{changing}"]
    others = (LOCKED, CHANGING)
    assert rows_of(tmp_path, "corpus") == rows_of(crawl.local, "corpus", leaving_out=others)
    assert rows_of(tmp_path, "documents", leaving_out=others) == rows_of(crawl.local, "documents", leaving_out=others)

    before = markers(tmp_path)
    proxy.policy, proxy.asked = no_fault, []
    assert run_from_s3(crawl, tmp_path, monkeypatch) == 0
    after = markers(tmp_path)
    work = ("documents", "signals")
    assert {name: after[name] for name in before if name.startswith(work)} == {
        name: time for name, time in before.items() if name.startswith(work)
    }
    assert {asked.path for asked in proxy.asked if asked.whole and asked.path != f"{BUCKET}/{LIST}"} == {locked, changing}
    good = [row for row in file_rows(tmp_path) if row["outcome"] == "read"]
    assert sorted(row["file_path"] for row in good) == sorted(f"s3://{BUCKET}/{name}" for name in crawl.keys)
    assert rows_of(tmp_path, "corpus") == rows_of(crawl.local, "corpus")
    assert [row["attempts"] for row in good] == [1, 1, 1, 2, 2]


def test_a_worker_makes_one_client_for_all_its_tasks(proxy: FaultProxy, crawl: Crawl, spark: "SparkSession") -> None:
    name = f"s3://{BUCKET}/{crawl.keys[0]}"

    def clients(batches: Iterable[Any]) -> Iterable[Any]:
        import os

        import pyarrow as pa

        from udfs.reading import http_s3 as store
        from udfs.reading.location import check

        for _ in batches:
            check(name)
            made = store._s3_client.cache_info().misses
            yield pa.RecordBatch.from_pydict(
                {"pid": [os.getpid()], "made": [made]}, schema=pa.schema([("pid", "int64"), ("made", "int64")])
            )

    told = spark.range(0, 8, 1, 8).mapInArrow(clients, "pid long, made long").collect()
    assert len(told) == 8
    assert len({row["pid"] for row in told}) <= 2  # of local[2]: the workers are used again
    assert {row["made"] for row in told} == {1}
