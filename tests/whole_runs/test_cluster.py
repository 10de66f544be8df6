"""A real standalone cluster of Spark runs what `make dist` made, loses workers and its driver, and writes the rows of local mode."""

import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.classifier.train import TrainSettings, train
from jobs.engine.models import fetch
from jobs.recipe.load import load_recipe
from tests.reading.fault_proxy import Fault, FaultProxy, fault_proxy, no_fault
from tests.runs import MODELS, PROJECT, TABLES, digest, rows, run
from tests.s3_server import BUCKET, READER, S3Server, environment
from tests.waiting import wait_for
from tests.whole_runs.standalone import Standalone, standalone
from tests.whole_runs.test_kill import MOMENTS, TRIES, marked, written

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.long]
DIST = PROJECT / "dist"
NOBODY = "http://127.0.0.1:9"  # an address behind which there is no store
OUTAGE_REQUESTS = 4  # that find no store, before there is one again: a reader gives up after ten
NOT_ROWS = ("chunk", "file_path")  # how the work was cut, and where the input lay


@dataclass(frozen=True)
class Work:
    """A recipe whose two models have one name, the artifacts, the unpacked environment, and the root of the same run in local mode."""

    recipe: Path
    models: Path
    inputs: tuple[Path, ...]
    dist: Path
    environment: Path
    local: Path


@dataclass(frozen=True)
class Site:
    """A cluster, the address at which all of it see a store, and the server that stands behind that address."""

    cluster: Standalone
    store: FaultProxy
    server: S3Server

    @contextmanager
    def submitted(self, work: Work, root: Path, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
        """Submit a run from a folder of its own, which holds nothing but the unpacked environment."""
        folder = self.cluster.folder / "submit" / root.name
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "environment").exists():
            (folder / "environment").symlink_to(work.environment)
        with self.cluster.submitted(["run", *options, "--root", str(root)], dist=work.dist, cwd=folder) as driver:
            yield driver


@pytest.fixture(scope="module")
def work(spark: "SparkSession", sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Work]:
    """Make the artifacts as a user does, run conf/tiny.toml with a gate and a quality model in local mode, unpack the environment."""
    made = subprocess.run(
        ["make", "dist", f"PYTHON={sys.executable}"], cwd=PROJECT, capture_output=True, text=True, check=False
    )  # what has not changed since is not made again
    assert made.returncode == 0, made.stdout + made.stderr
    folder = tmp_path_factory.mktemp("cluster")
    models = folder / "models"
    (models / "quality").mkdir(parents=True)
    shutil.copyfile(fetch("lid.176.ftz", folder=MODELS).path, models / "lid.176.ftz")
    small = TrainSettings(dim=2, epoch=1, bucket=100)
    quality = [sample / f"quality/{kind}.txt" for kind in ("positive", "negative")]
    train(models / "quality/lid.176.ftz", positives=quality[:1], negatives=quality[1:], settings=small)
    text = (PROJECT / "conf/tiny.toml").read_text("utf-8")
    for old, new in (
        ("data/sample", str(sample)),
        ("[annotate]\n", f'[extract.gate]\nmin_words = 20\n\n[annotate]\nlanguage_model = "{models}/lid.176.ftz"\n'),
        ("[dedup]\n", f'[[annotate.quality]]\nmodel = "{models}/quality/lid.176.ftz"\n\n[dedup]\n'),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    recipe = folder / "cluster.toml"
    recipe.write_text(text, "utf-8")
    chosen = load_recipe(recipe)
    run(spark, chosen, folder / "local")
    (packed,) = DIST.glob("gristmill-env-*.tar.gz")
    with tarfile.open(packed) as archive:
        archive.extractall(folder / "environment", filter="fully_trusted")  # its bin/python is a link to /usr
    inputs = tuple(sorted((sample / "warc").glob("*.warc.gz")))
    yield Work(recipe, models, inputs, DIST, folder / "environment", folder / "local")
    subprocess.run(["rm", "-rf", folder / "environment"], check=True)  # half a gigabyte


@pytest.fixture(scope="module")
def site(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Start one cluster for all tests."""
    with (
        fault_proxy(s3.endpoint) as store,
        standalone(tmp_path_factory.mktemp("standalone"), more=environment(READER, endpoint=store.endpoint)) as cluster,
    ):
        yield Site(cluster, store, s3)


def test_workers_that_die_in_extract_dedup_and_publish_cost_no_row_and_double_none(
    site: Site, work: Work, tmp_path: Path
) -> None:
    tries = (tmp_path / f"workers{n}" for n in range(TRIES))
    root = next(root for root in tries if run_and_kill_workers(site, work, root))
    assert digest(root) == digest(work.local)


def with_rounds(work: Work, root: Path) -> Path:
    """Write the recipe with an index of its own, which holds nothing yet: so dedup has rounds to be killed in."""
    text = work.recipe.read_text("utf-8")
    assert text.count("[dedup]\n") == 1
    recipe = root.with_suffix(".toml")
    recipe.write_text(text.replace("[dedup]\n", f'[dedup]\nindex = "{root.with_suffix(".index")}"\n'), "utf-8")
    return recipe


def run_and_kill_workers(site: Site, work: Work, root: Path) -> bool:
    """Run to the end and kill a worker in each moment; say whether none was missed."""
    models = root.with_suffix(".models")
    shutil.copytree(work.models, models)
    recipe = with_rounds(work, root)
    recipe.write_text(recipe.read_text("utf-8").replace(str(work.models), str(models)), "utf-8")
    missed = False
    with site.submitted(work, root, str(recipe)) as driver:
        for begun, ended in MOMENTS:
            assert reached(root, begun, driver=driver), site.cluster.log()
            site.cluster.kill_worker()
            missed = missed or (root / ended).exists()
            shutil.rmtree(models, ignore_errors=True)  # from here on they are only where the driver's session has sent them
        assert driver.wait() == 0, site.cluster.log()
    assert missed or len(set(re.findall(r"Lost executor \d+", site.cluster.log()))) == len(MOMENTS)
    return not missed


def test_a_store_that_stops_and_a_driver_that_dies_are_followed_by_the_same_command_and_the_same_rows(
    site: Site, work: Work, tmp_path: Path
) -> None:
    inputs = [word for path in work.inputs for word in ("--input", f"s3://{BUCKET}/{path.name}")]
    tries = (tmp_path / f"store{n}" for n in range(TRIES))
    root = next(root for root in tries if stop_store_and_kill_driver(site, work, root, *inputs))
    before = marked(root)
    with site.submitted(work, root, str(root.with_suffix(".toml")), *inputs) as driver:
        assert driver.wait() == 0, site.cluster.log()
    after = marked(root)
    assert {name: after.get(name) for name in before} == before
    assert {table: rows(root, table, without=NOT_ROWS) for table in TABLES} == {
        table: rows(work.local, table, without=NOT_ROWS) for table in TABLES
    }


def stop_store_and_kill_driver(site: Site, work: Work, root: Path, *inputs: str) -> bool:
    """Take the store away before a file is read, bring it back, kill the driver in dedup; say whether it was not too late.

    Only the address leads nowhere for a while. Nobody waits until a server stops or starts: meanwhile readers would give up.
    """
    store, (begun, ended) = site.store, MOMENTS[1]
    client = site.server.client()
    for path in work.inputs:
        client.upload_file(str(path), BUCKET, path.name)
    store.policy, store.asked = lambda asked: Fault("status") if asked.whole else None, []  # what the driver asks for passes
    with site.submitted(work, root, str(with_rounds(work, root)), *inputs) as driver:
        assert reached(root, "plan/*.json", driver=driver), site.cluster.log()
        store.upstream, store.policy, store.asked = NOBODY, no_fault, []
        assert wait_for(lambda: len(store.asked) >= OUTAGE_REQUESTS or driver.poll() is not None)
        assert not written(root, MOMENTS[0][0]) and driver.poll() is None, site.cluster.log()  # no chunk could be read
        store.upstream = site.server.endpoint
        assert reached(root, begun, driver=driver), site.cluster.log()
    return not (root / ended).exists()


def reached(root: Path, begun: str, *, driver: "subprocess.Popen[bytes]") -> bool:
    """Wait for a file of a run, and say whether it came."""
    wait_for(lambda: written(root, begun) or driver.poll() is not None)
    return written(root, begun)
