"""What only reads small files starts no JVM."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from tests.runs import PROJECT, Finished
from tests.s3_server import BUCKET, S3Server, environment
from tests.whole_runs.command_line import written

JAVA = """#!/bin/sh
touch "$0.was-asked"
exit 1
"""


@pytest.fixture
def java(tmp_path: Path) -> Path:
    """Put a java first on the path that fails, and notes that it was asked."""
    (tmp_path / "bin").mkdir()
    java = tmp_path / "bin" / "java"
    java.write_text(JAVA)
    java.chmod(0o755)
    return java


def gristmill(java: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run a command with that java and no other."""
    given = {name: value for name, value in os.environ.items() if name != "JAVA_HOME"}
    path = os.pathsep.join((str(java.parent), "/bin", "/usr/bin"))
    command = [sys.executable, "-m", "jobs.main", *arguments]
    return subprocess.run(command, cwd=PROJECT, env=given | {"PATH": path} | more, capture_output=True, text=True, check=False)


def asked(java: Path) -> bool:
    return java.with_name("java.was-asked").exists()


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["models", "fetch", "--help"]], ids=" ".join)
def test_help_starts_no_jvm(java: Path, arguments: list[str]) -> None:
    done = gristmill(java, *arguments)
    assert (done.returncode, "Usage: " in done.stdout, asked(java)) == (0, True, False), done.stderr


@pytest.mark.spark
def test_the_ledger_of_a_local_root_starts_no_jvm(java: Path, finished: Finished) -> None:
    done = gristmill(java, "ledger", str(finished.root))
    assert (done.returncode, asked(java)) == (0, False), done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines() if line[0] != " "] == list(finished.markers)


def test_the_ledger_of_a_root_that_holds_no_run_is_refused_without_a_jvm(java: Path, tmp_path: Path) -> None:
    done = gristmill(java, "ledger", str(tmp_path))
    assert (done.returncode, asked(java)) == (2, False)
    assert done.stderr == f"gristmill: {tmp_path} holds no finished stage. Name the root of a run, such as out/quickstart\n"


@pytest.mark.spark
def test_the_ledger_of_a_root_on_s3_needs_neither_a_jvm_nor_a_connector(java: Path, finished: Finished, s3: S3Server) -> None:
    prefix = f"roots/{uuid4().hex}"
    for path in (finished.root / "recipe.json", *finished.root.glob("**/_stage.json")):
        key = f"{prefix}/{path.relative_to(finished.root)}"
        s3.client().put_object(Bucket=BUCKET, Key=key, Body=path.read_bytes())
    here = gristmill(java, "ledger", str(finished.root))
    there = gristmill(java, "ledger", f"s3a://{BUCKET}/{prefix}", **environment(s3.reader, endpoint=s3.endpoint))
    assert (there.stdout, there.returncode, asked(java)) == (here.stdout, 0, False), there.stderr


@pytest.mark.spark
def test_the_plan_of_a_finished_run_starts_no_jvm(java: Path, finished: Finished, tmp_path: Path) -> None:
    recipe = written(tmp_path / "recipe.toml", list(finished.inputs))
    done = gristmill(java, "plan", str(recipe), "--root", str(finished.root))
    assert (done.returncode, asked(java)) == (0, False), done.stderr
    assert [line.split() for line in done.stdout.splitlines()[-len(finished.markers) :]] == [
        [name, "finished", "before"] for name in finished.markers
    ]


def test_what_does_need_a_jvm_asks_that_java(java: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('[run]\nname = "r"\ndump = "D"\ninput = ["x.warc.gz"]\n')
    done = gristmill(java, "plan", str(recipe))
    assert (done.returncode, asked(java)) == (2, True), done.stderr
