"""What the command line refuses before Spark starts: one message, what to do next, and exit code 2."""

import sys
from pathlib import Path

import pytest

from jobs.engine.session import NoJavaError, check_java
from jobs.main import main

GOOD = '[run]\nname = "r"\ndump = "D"\ninput = ["x.warc.gz"]\n'


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the command line and return what it says as it exits with 2."""
    monkeypatch.setattr(sys, "argv", ["gristmill", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    return capsys.readouterr().err


def test_a_recipe_that_is_not_there_or_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no recipe at" in refused(monkeypatch, capsys, "run", str(tmp_path / "absent.toml"))
    assert "cannot be read (Is a directory): nothing was run" in refused(monkeypatch, capsys, "run", str(tmp_path))


def test_a_stage_that_is_none_is_refused_with_the_stages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(monkeypatch, capsys, "run", "conf/tiny.toml", "--from", "filtre")
    every = "extract, read, annotate, filter, dedup, passages, sampling, publish"
    assert told == f"gristmill: --from 'filtre' is no stage; nothing was run. Stages, in order: {every}\n"
    assert "Choose one" in refused(monkeypatch, capsys, "run", "conf/tiny.toml", "--from", "filter", "--only", "dedup")


def test_a_model_that_is_not_there_says_how_one_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(GOOD + '[annotate]\nlanguage_model = "absent.bin"\n')
    told = refused(monkeypatch, capsys, "run", str(recipe))
    assert "'absent.bin' is neither a known model nor a file" in told and "gristmill train" in told


def test_training_without_texts_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(monkeypatch, capsys, "train", "--positives", str(tmp_path / "absent.txt"), "--out", str(tmp_path / "m.bin"))
    assert "absent.txt" in told


def test_no_java_says_how_to_get_it_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(
        NoJavaError,
        match=r"^no java on the PATH and no JAVA_HOME\. Spark needs Java 17.*apt-get install openjdk-17-jre-headless",
    ):
        check_java()


def test_an_old_java_is_named_with_its_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(NoJavaError, match="is version 11"):
        check_java()
