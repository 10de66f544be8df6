"""A real standalone cluster of Spark runs what `make dist` made, loses workers and its driver, and writes the rows of local mode."""

import re
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.classifier.train import TrainSettings, train
from jobs.engine.models import fetch, resolve_models
from jobs.engine.runner import run_stages
from jobs.recipe.load import load_recipe
from tests.runs import MODELS, PROJECT, context, digest, rows
from tests.s3_server import BUCKET, READER, environment, free_ports, s3_server
from tests.whole_runs.standalone import kill_session, standalone
from tests.whole_runs.test_kill import finished, wait_for, written

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
DIST = PROJECT / "dist"
RUN_S = 600
OUTAGE_S = 20
NOT_ROWS = ("chunk", "file_path")  # how the work was cut, and where the input lay
TABLES = ("documents", "signals", "decisions/filter", "decisions/dedup", "corpus")
# What is there when a worker is killed, and what is not there yet: a chunk of the stage is done, others are not.
MOMENTS = (
    ("documents/_chunks/*.json", "documents/_stage.json"),
    ("dedup/*/round=000/pairs/*.parquet", "decisions/dedup/_stage.json"),
    ("corpus/_chunks/*.json", "corpus/_stage.json"),
)


@dataclass(frozen=True)
class Work:
    """A recipe whose two models have one name, the unpacked environment, and the root of the same run in local mode."""

    recipe: Path
    models: Path
    inputs: tuple[Path, ...]
    environment: Path
    local: Path


@pytest.fixture(scope="module")
def dist() -> Path:
    """Make the artifacts as a user does; what has not changed since is not made again."""
    done = subprocess.run(
        ["make", "dist", f"PYTHON={sys.executable}"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return DIST


@pytest.fixture(scope="module")
def work(spark: "SparkSession", sample: Path, dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Work]:
    """Run conf/tiny.toml with a gate and a quality model in local mode; unpack the environment for the driver."""
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
        ('line_edits = "c4"\n', f'line_edits = "c4"\nquality_model = "{models}/quality/lid.176.ftz"\n'),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    recipe = folder / "cluster.toml"
    recipe.write_text(text, "utf-8")
    chosen = load_recipe(recipe)
    language, scorer = resolve_models(chosen.annotate)
    run_stages(replace(context(spark, chosen, folder / "local"), language_model=language, quality_model=scorer))
    (packed,) = dist.glob("gristmill-env-*.tar.gz")
    with tarfile.open(packed) as archive:
        archive.extractall(folder / "environment", filter="fully_trusted")  # its bin/python is a link to /usr
    yield Work(recipe, models, tuple(sorted((sample / "warc").glob("*.warc.gz"))), folder / "environment", folder / "local")
    shutil.rmtree(folder / "environment")  # half a gigabyte


def test_workers_that_die_in_extract_dedup_and_publish_cost_no_row_and_double_none(
    work: Work, dist: Path, tmp_path: Path
) -> None:
    root, models = tmp_path / "root", tmp_path / "models"
    shutil.copytree(work.models, models)
    recipe = tmp_path / "cluster.toml"
    recipe.write_text(work.recipe.read_text("utf-8").replace(str(work.models), str(models)), "utf-8")
    with (
        standalone(tmp_path / "cluster") as cluster,
        cluster.submitted(["run", str(recipe), "--root", str(root)], dist=dist, cwd=submit_folder(work, tmp_path)) as driver,
    ):
        for begun, ended in MOMENTS:
            assert reached(root, begun, driver=driver), cluster.log()
            assert not (root / ended).exists()
            cluster.kill_worker()
            shutil.rmtree(models, ignore_errors=True)  # from here on they are only where the driver's session has sent them
        assert driver.wait(RUN_S) == 0, cluster.log()
        assert len(set(re.findall(r"Lost executor \d+", cluster.log()))) == len(MOMENTS)
    assert digest(root) == digest(work.local)


def test_a_store_that_stops_and_a_driver_that_dies_are_followed_by_the_same_command_and_the_same_rows(
    work: Work, dist: Path, tmp_path: Path
) -> None:
    root, folder, ports = tmp_path / "root", submit_folder(work, tmp_path), free_ports()
    inputs = [f"s3://{BUCKET}/{path.name}" for path in work.inputs]
    command = ["run", str(work.recipe), "--root", str(root), *(word for one in inputs for word in ("--input", one))]
    with ExitStack() as stack:
        with s3_server(tmp_path / "s3", ports=ports) as s3:
            for path in work.inputs:
                s3.client().upload_file(str(path), BUCKET, path.name)
            more = environment(READER, endpoint=s3.endpoint)
            cluster = stack.enter_context(standalone(tmp_path / "cluster", more=more))
            driver = stack.enter_context(cluster.submitted(command, dist=dist, cwd=folder))
            assert reached(root, "plan/*.json", driver=driver), cluster.log()
        time.sleep(OUTAGE_S)
        assert not written(root, MOMENTS[0][0]) and driver.poll() is None, cluster.log()  # no chunk could be read
        stack.enter_context(s3_server(tmp_path / "s3", ports=ports))
        begun, ended = MOMENTS[1]
        assert reached(root, begun, driver=driver), cluster.log()
        assert not (root / ended).exists()
        kill_session(driver)
        before = finished(root)
        again = stack.enter_context(cluster.submitted(command, dist=dist, cwd=folder))
        assert again.wait(RUN_S) == 0, cluster.log()
    after = finished(root)
    assert {name: after.get(name) for name in before} == before
    assert {table: rows(root, table, without=NOT_ROWS) for table in TABLES} == {
        table: rows(work.local, table, without=NOT_ROWS) for table in TABLES
    }


def reached(root: Path, begun: str, *, driver: "subprocess.Popen[bytes]") -> bool:
    """Wait for a file of a run, and say whether the driver still runs then."""
    wait_for(lambda: written(root, begun) or driver.poll() is not None, seconds=RUN_S)
    return driver.poll() is None


def submit_folder(work: Work, below: Path) -> Path:
    """Make a folder to submit from, with nothing in it but the unpacked environment."""
    folder = below / "cluster" / "submit"
    folder.mkdir(parents=True)
    (folder / "environment").symlink_to(work.environment)
    return folder
