"""Fixtures shared by the tests: the folder of real pages and one Spark session for those tests that need a JVM."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.fuzz import profiles  # noqa: F401 (it registers them)

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.runs import Finished
    from tests.s3_server import S3Server

settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real and hostile pages; skip plainly where it is missing, fail where it is required."""
    folder = os.environ.get("GRISTMILL_SHARED_DATA", "")
    if folder and (Path(folder) / "real").is_dir():
        return Path(folder)
    message = f"no real pages: GRISTMILL_SHARED_DATA={folder!r} names no folder with real/ in it"
    if os.environ.get("GRISTMILL_REQUIRE_SHARED_DATA"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def spark() -> "Iterator[SparkSession]":
    """Start one local session, lazily, so that a run without Spark tests never starts a JVM."""
    from jobs.engine.session import local_session
    from tests.local_files import without_chmod
    from tests.planning import plan_once

    session = local_session(master="local[2,4]")  # a task may be tried four times, as on a cluster
    without_chmod(session)
    plan_once(session)
    yield session
    session.stop()


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[S3Server]":
    """Start one S3 server, lazily."""
    from tests.s3_server import s3_server

    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the project's own WARC sample once."""
    from sample.make import make_sample

    folder = tmp_path_factory.mktemp("sample")
    make_sample(folder)
    return folder


@pytest.fixture(scope="session")
def finished(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> "Finished":
    """Run conf/tiny.toml over the sample, once for all processes of tests; a test that goes on from there takes a copy."""
    from tests import runs
    from tests.made_once import made_once

    def make() -> "Finished":
        spark, sample = request.getfixturevalue("spark"), request.getfixturevalue("sample")
        return runs.finished(spark, sample, tmp_path_factory.mktemp("finished"))

    mine = tmp_path_factory.getbasetemp()
    return made_once((mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine) / "finished.pickle", make)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the browser; skip plainly where there is none, fail where one is required."""
    from tests.browser import found_chromium

    return found_chromium()


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """Serve on a local port: its address, and the paths that were asked for."""
    from tests.browser import listening

    with listening() as served:
        yield served


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files marked `long`, and end with those that start no JVM: at the end no process waits long for the other."""
    long, with_jvm = ({item.path for item in items if item.get_closest_marker(name)} for name in ("long", "spark"))
    items.sort(key=lambda item: (item.path not in long, item.path not in with_jvm))
