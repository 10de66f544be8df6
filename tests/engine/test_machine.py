"""What Spark needs of a machine: what is missing is one message, and what can be set is set."""

import os
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from pyspark.errors import PySparkRuntimeError

from jobs.engine import machine
from jobs.engine.machine import NoJavaError, NoSparkError, check_java, check_scratch, check_spark_home, java_options
from jobs.engine.session import _name_user, _started


def java(folder: Path, script: str) -> str:
    """Write a java that says something, and return the JAVA_HOME that has it."""
    file = folder / "bin" / "java"
    file.parent.mkdir()
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(folder)


def test_a_spark_home_that_holds_no_spark_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_HOME", "/nonexistent")
    with pytest.raises(NoSparkError, match=r"^SPARK_HOME=/nonexistent holds no Spark .* Unset SPARK_HOME"):
        check_spark_home()
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/spark-submit").touch()
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars/spark-core_2.12-3.3.1.jar").touch()
    with pytest.raises(NoSparkError, match=r"is Spark 3\.3, and pyspark is 4\.\d"):
        check_spark_home()


def test_an_empty_spark_home_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_HOME", "")
    check_spark_home()
    assert "SPARK_HOME" not in os.environ


def test_a_java_home_that_holds_no_java_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nonexistent")
    with pytest.raises(NoJavaError, match=r"/nonexistent/bin/java does not run \(JAVA_HOME says so\)"):
        check_java()


def test_what_java_says_before_its_version_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says = "echo 'Picked up JAVA_TOOL_OPTIONS: -Dx=\"11\"' >&2; echo 'openjdk version \"21.0.2\" 2024-01-16' >&2"
    monkeypatch.setenv("JAVA_HOME", java(tmp_path, says))
    check_java()


def test_a_java_that_tells_no_version_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", java(tmp_path, "echo 'Error: Invalid maximum heap size' >&2; exit 1"))
    with pytest.raises(NoJavaError, match="does not tell its version, but 'Error: Invalid maximum heap size'"):
        check_java()


def test_folders_to_spill_to_that_cannot_be_written_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SPARK_LOCAL_DIRS", f"{tmp_path}/file/a")
    with pytest.raises(NoSparkError, match="none of it can be written"):
        check_scratch()
    monkeypatch.setenv("SPARK_LOCAL_DIRS", f"{tmp_path}/file/a,{tmp_path}/fine")
    check_scratch()


def test_a_user_without_a_name_gets_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert java_options({}) == []
    monkeypatch.setattr(machine, "has_name", lambda: False)
    assert java_options({"HOME": str(tmp_path)}) == [f"-Duser.home={tmp_path}"]
    assert java_options({"HOME": "/"}) == java_options({}) == [f"-Duser.home={tempfile.gettempdir()}"]


def test_a_user_without_a_name_is_named_to_hadoop(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    security = SimpleNamespace(createRemoteUser=lambda name: f"user {name}", setLoginUser=told.append)
    hadoop = SimpleNamespace(security=SimpleNamespace(UserGroupInformation=security))
    gateway = SimpleNamespace(jvm=SimpleNamespace(org=SimpleNamespace(apache=SimpleNamespace(hadoop=hadoop))))
    _name_user(gateway)
    assert told == []
    monkeypatch.setattr("jobs.engine.session.has_name", lambda: False)
    monkeypatch.delenv("USER", raising=False)
    _name_user(gateway)
    assert told == [f"user user-{os.getuid()}"]


def test_what_keeps_spark_from_starting_is_one_message_which_names_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    log.write_text("WARNING: x\nError: Could not find or load main class y\n")
    with pytest.raises(NoSparkError) as caught, _started(log):
        raise PySparkRuntimeError(errorClass="JAVA_GATEWAY_EXITED", messageParameters={})
    why = "Spark does not start (Error: Could not find or load main class y); nothing was run. "
    assert str(caught.value) == f"{why}Its log: {log}"
    monkeypatch.setattr("jobs.engine.session.has_name", lambda: False)
    with (
        pytest.raises(NoSparkError, match=r"has no name here: .* add the line spark:x:\d+:\d+::.* to /etc/passwd\. Its log: "),
        _started(log),
    ):
        raise PySparkRuntimeError(errorClass="JAVA_GATEWAY_EXITED", messageParameters={})
