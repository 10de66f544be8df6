"""The time that the tests may take: one number in the Makefile and in the docs, and a warning past it that fails nothing."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import pytest_collection_modifyitems
from tests.runs import PROJECT


def make_test(folder: Path, *, minutes: int) -> "subprocess.CompletedProcess[str]":
    """Run `make test` with tests that end at once with exit code 3."""
    python = folder / "python"
    python.write_text("#!/bin/sh\nexit 3\n")
    python.chmod(0o755)
    given = (f"BIN={folder}", f"READY={python}", f"TESTBED={python}", f"TEST_MINUTES={minutes}")
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}  # make may run us
    command = ["make", "test", *given]
    return subprocess.run(command, cwd=PROJECT, env=alone, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("minutes", "told"), [(0, "WARNING: the tests took 0 minutes, and their budget is 0: see docs/testing.md\n"), (1, "")]
)
def test_make_test_warns_past_its_budget_and_ends_as_the_tests_do(tmp_path: Path, minutes: int, told: str) -> None:
    done = make_test(tmp_path, minutes=minutes)
    assert (done.stdout, done.returncode) == (told, 2)
    assert "Error 3" in done.stderr


def test_the_budget_of_the_docs_is_that_of_make() -> None:
    stated = re.search(r"budget is \*\*(\d+) minutes\*\*", (PROJECT / "docs/testing.md").read_text("utf-8"))
    made = re.search(r"^TEST_MINUTES := (\d+)$", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert stated is not None and made is not None
    assert stated[1] == made[1]


def test_no_test_is_run_twice_by_ci() -> None:
    lines = (PROJECT / ".ci/run").read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("make ")] == [
        "make --jobs=2 --output-sync=target lint test-airflow",
        "make test",
    ]


def test_long_files_come_first_and_those_without_a_jvm_last_and_no_file_is_split(request: pytest.FixtureRequest) -> None:
    def item(file: str, *marks: str) -> pytest.Item:
        made: pytest.Item = pytest.Function.from_parent(request.node.parent, name=file, callobj=item)
        made.path = Path(file)
        for mark in marks:
            made.add_marker(mark)
        return made

    items = [item("a"), item("b", "spark"), item("b"), item("a"), item("c", "spark", "long"), item("c", "spark")]
    pytest_collection_modifyitems(items)
    assert [str(one.path) for one in items] == ["c", "c", "b", "b", "a", "a"]
