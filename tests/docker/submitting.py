"""What tests of docker/submit share: a folder to submit from, each target's options, and a dry run parted as a shell does."""

import os
import shlex
from pathlib import Path

import pytest

from docker import submission
from docker.submission import NEEDED, main

ROLE = "arn:aws:iam::123456789012:role/gristmill"
RECIPE = '[[annotate.quality]]\nmodel = "our/quality.bin"\n'
AFTER = ("--", "--dump", "CC-MAIN-2026-47", "--input", "CC-MAIN-2026-47")
TO = {
    "emr-serverless": ("--artifacts", "s3://b/code/", "--application", "00abc", "--role", ROLE, "--root", "s3://b/run"),
    "emr": ("--artifacts", "s3://b/code", "--cluster", "j-1", "--root", "s3://b/run"),
    "dataproc": ("--artifacts", "gs://b/code", "--region", "us-central1", "--image", "r/p/gristmill:1", "--root", "gs://b/run"),
    "standalone": ("--master", "spark://host:7077", "--root", "/data/run"),
}


def make_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder with a recipe, and with a setting that needs care: blanks, a comma, a quote."""
    (folder / "r.toml").write_text(RECIPE, "utf-8")
    (folder / "conf" / "spark").mkdir(parents=True)
    for name in NEEDED:
        text = "# why\n\nspark.executor.cores  4\nspark.executor.extraJavaOptions = -Da=b,c -De='f'\n"
        (folder / "conf" / "spark" / f"{name}.conf").write_text(text, "utf-8")
    monkeypatch.setattr(submission, "PROJECT", folder)
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith("GRISTMILL_")]:
        monkeypatch.delenv(name)


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run docker/submit and return what it prints."""
    assert main(list(words)) == 0
    told = capsys.readouterr()
    assert told.err == ""
    return told.out


def commands(text: str) -> list[list[str]]:
    """Part what a dry run prints as a shell does; a command ends with its line, unless a quote is open."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters, lexer.whitespace = True, "", " "
    found: list[list[str]] = [[]]
    for word in lexer:
        first, *others = word.split("\n") if not word.startswith(("{", "[")) else [word.rstrip("\n")]
        found[-1].append(first)
        found.extend([other] for other in others if other)
    return found
