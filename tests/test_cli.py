"""What the command line refuses before Spark starts: one message, what to do next, and exit code 2."""

import sys
from pathlib import Path

import pytest

from jobs.contexts import absolute
from jobs.engine.machine import NoJavaError, check_java
from jobs.engine.models import fetch
from jobs.main import main
from jobs.stages import NAMES
from tests.runs import MODELS

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
    assert "a folder without a recipe (*.toml): nothing was run" in refused(monkeypatch, capsys, "run", str(tmp_path))


def test_a_stage_that_is_none_is_refused_with_the_stages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(monkeypatch, capsys, "run", "conf/tiny.toml", "--from", "filtre")
    every = ", ".join(NAMES)
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


@pytest.mark.parametrize(
    ("root", "told"),
    [
        ("", "the root is empty"),
        ("f\udcfcr", r"f\xfcr: its name is not UTF-8"),
        ("HTTPS://site.example/root", "no table can be written there"),
        ("file://elsewhere/root", "a file of the machine 'elsewhere'"),
    ],
)
def test_a_root_that_no_folder_can_be_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], root: str, told: str
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(f'{GOOD}[annotate]\nlanguage_model = "{fetch("lid.176.ftz", folder=MODELS).path}"\n')
    assert told in refused(monkeypatch, capsys, "run", str(recipe), "--root", root)
    assert told in refused(monkeypatch, capsys, "ledger", root)


def test_a_root_may_be_an_address_with_escapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert [absolute(root) for root in ("file:///r/a%20b", "file:/r", "a%20b", "s3://b/r")] == [
        "/r/a b",
        "/r",
        f"{tmp_path}/a%20b",
        "s3://b/r",
    ]


def test_a_root_below_a_file_is_refused_before_java_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(f'{GOOD}[annotate]\nlanguage_model = "{fetch("lid.176.ftz", folder=MODELS).path}"\n')
    monkeypatch.setenv("JAVA_HOME", "/nonexistent")
    told = refused(monkeypatch, capsys, "run", str(recipe), "--root", str(recipe / "root"))
    assert told.startswith(f"gristmill: {recipe}/root: a file is where a folder should be") and told.count("\n") == 1


def test_an_interrupt_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*arguments: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("jobs.look_commands.report", interrupted)
    monkeypatch.setattr(sys, "argv", ["gristmill", "report", "out"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 130
    assert capsys.readouterr().err == "gristmill: interrupted; the same command goes on where it stopped\n"
