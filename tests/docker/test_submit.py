"""What docker/submit would run, word for word and as a shell parts it, and what it refuses."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from docker import submission
from docker.job import VERSION
from docker.submission import main
from tests.docker.submitting import AFTER, ROLE, TO, commands, make_folder, printed

PROJECT = Path(__file__).parents[2]
ENV = f"gristmill-env-{VERSION}-py3.11-x86_64.tar.gz"
ZIP = f"gristmill-{VERSION}.zip"
CONF = ("--conf", "spark.executor.cores=4", "--conf", "spark.executor.extraJavaOptions=-Da=b,c -De='f'")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_folder(tmp_path, monkeypatch)
    return tmp_path


def test_emr_serverless_uploads_and_starts_one_job_run(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "emr-serverless", "r.toml", *TO["emr-serverless"], "--dry-run", *AFTER)
    *copies, start = commands(out)
    assert copies == [
        ["aws", "s3", "cp", f"dist/{ZIP}", f"s3://b/code/{ZIP}"],
        ["aws", "s3", "cp", f"dist/{ENV}", f"s3://b/code/{ENV}"],
        ["aws", "s3", "cp", "dist/main.py", "s3://b/code/main.py"],
        ["aws", "s3", "cp", "r.toml", "s3://b/code/r.toml"],
        ["aws", "s3", "cp", "models/lid.176.ftz", "s3://b/code/lid.176.ftz"],
        ["aws", "s3", "cp", "our/quality.bin", "s3://b/code/quality.bin"],
    ]
    assert start[:4] == ["aws", "emr-serverless", "start-job-run", "--cli-input-json"] and len(start) == 5
    shipped = (
        f"--archives s3://b/code/{ENV}#environment --files s3://b/code/r.toml,s3://b/code/lid.176.ftz,s3://b/code/quality.bin"
    )
    arguments = ["run", "r.toml", "--root", "s3://b/run", "--dump", "CC-MAIN-2026-47", "--input", "CC-MAIN-2026-47"]
    properties = {
        "spark.executor.cores": "4",
        "spark.executor.extraJavaOptions": "-Da=b,c -De='f'",
        "spark.emr-serverless.driverEnv.PYSPARK_DRIVER_PYTHON": "./environment/bin/python",
        "spark.emr-serverless.driverEnv.PYSPARK_PYTHON": "./environment/bin/python",
        "spark.executorEnv.PYSPARK_PYTHON": "./environment/bin/python",
    }
    assert json.loads(start[4]) == {
        "name": "gristmill r",
        "applicationId": "00abc",
        "executionRoleArn": ROLE,
        "jobDriver": {
            "sparkSubmit": {
                "entryPoint": "s3://b/code/main.py",
                "entryPointArguments": arguments,
                "sparkSubmitParameters": f"--py-files s3://b/code/{ZIP} {shipped}",
            }
        },
        "retryPolicy": {"maxAttempts": 2},
        "configurationOverrides": {
            "applicationConfiguration": [{"classification": "spark-defaults", "properties": properties}],
            "monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": "s3://b/code/logs/"}},
        },
    }


def test_an_image_on_emr_serverless_takes_the_place_of_the_archive(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "emr-serverless", "r.toml", *TO["emr-serverless"], "--image", "r/p/gristmill:1", "--dry-run")
    *copies, start = commands(out)
    body = json.loads(start[4])
    assert [copy[3] for copy in copies] == [f"dist/{ZIP}", "dist/main.py", "r.toml", "models/lid.176.ftz", "our/quality.bin"]
    assert "--archives" not in body["jobDriver"]["sparkSubmit"]["sparkSubmitParameters"]
    properties = body["configurationOverrides"]["applicationConfiguration"][0]["properties"]
    assert properties["spark.executorEnv.PYSPARK_PYTHON"] == "/opt/gristmill/bin/python"


def test_emr_adds_one_step_that_runs_spark_submit_in_cluster_mode(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    *copies, add = commands(printed(capsys, "emr", "r.toml", *TO["emr"], "--dry-run", *AFTER))
    assert len(copies) == 6
    assert add[:6] == ["aws", "emr", "add-steps", "--cluster-id", "j-1", "--steps"] and len(add) == 7
    files = "s3://b/code/r.toml,s3://b/code/lid.176.ftz,s3://b/code/quality.bin"
    shipped = ["--py-files", f"s3://b/code/{ZIP}", "--archives", f"s3://b/code/{ENV}#environment", "--files", files]
    python = ["--conf", "spark.pyspark.python=./environment/bin/python"]
    run = ["s3://b/code/main.py", "run", "r.toml", "--root", "s3://b/run", *AFTER[1:]]
    args = ["spark-submit", "--deploy-mode", "cluster", *shipped, *CONF, *python, *run]
    step = {
        "Type": "CUSTOM_JAR",
        "Name": "gristmill r",
        "ActionOnFailure": "CONTINUE",
        "Jar": "command-runner.jar",
        "Args": args,
    }
    assert json.loads(add[6]) == [step]


def test_dataproc_submits_a_batch_in_our_image(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    *copies, submit = commands(printed(capsys, "dataproc", "r.toml", *TO["dataproc"], "--dry-run", *AFTER))
    assert copies == [
        ["gcloud", "storage", "cp", f"dist/{ZIP}", f"gs://b/code/{ZIP}"],
        ["gcloud", "storage", "cp", "dist/main.py", "gs://b/code/main.py"],
        ["gcloud", "storage", "cp", "r.toml", "gs://b/code/r.toml"],
        ["gcloud", "storage", "cp", "models/lid.176.ftz", "gs://b/code/lid.176.ftz"],
        ["gcloud", "storage", "cp", "our/quality.bin", "gs://b/code/quality.bin"],
    ]
    where = ["--region", "us-central1", "--version", "3.0", "--container-image", "r/p/gristmill:1"]
    files = "gs://b/code/r.toml,gs://b/code/lid.176.ftz,gs://b/code/quality.bin"
    python = "spark.pyspark.python=/opt/gristmill/bin/python"
    properties = f"^;^spark.executor.cores=4;spark.executor.extraJavaOptions=-Da=b,c -De='f';{python}"
    assert submit == [
        *("gcloud", "dataproc", "batches", "submit", "pyspark", "gs://b/code/main.py"),
        *where,
        *("--py-files", f"gs://b/code/{ZIP}", "--files", files, "--properties", properties),
        *("--", "run", "r.toml", "--root", "gs://b/run", *AFTER[1:]),
    ]


def test_dataproc_submits_a_job_with_the_archive_to_a_cluster(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    *copies, submit = commands(printed(capsys, "dataproc", "r.toml", *TO["dataproc"], "--cluster", "c", "--dry-run"))
    assert len(copies) == 6
    files = "gs://b/code/r.toml,gs://b/code/lid.176.ftz,gs://b/code/quality.bin"
    ours = "spark.submit.deployMode=cluster;spark.pyspark.python=./environment/bin/python"
    properties = f"^;^spark.executor.cores=4;spark.executor.extraJavaOptions=-Da=b,c -De='f';{ours}"
    assert submit == [
        *("gcloud", "dataproc", "jobs", "submit", "pyspark", "gs://b/code/main.py", "--cluster", "c"),
        *("--region", "us-central1", "--archives", f"gs://b/code/{ENV}#environment"),
        *("--py-files", f"gs://b/code/{ZIP}", "--files", files, "--properties", properties),
        *("--", "run", "r.toml", "--root", "gs://b/run"),
    ]


def test_a_standalone_cluster_gets_the_archive_and_the_driver_here_too(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "standalone", "r.toml", *TO["standalone"], "--dry-run", "--conf", "spark.executor.cores=2", *AFTER)
    python = ("--conf", "spark.pyspark.python=./environment/bin/python")
    driver = ("--conf", "spark.pyspark.driver.python=dist/environment/bin/python")
    assert commands(out) == [
        ["rm", "-rf", "dist/environment"],
        ["mkdir", "-p", "dist/environment"],
        ["tar", "-xzf", f"dist/{ENV}", "-C", "dist/environment"],
        [
            *("spark-submit", "--master", "spark://host:7077", "--py-files", f"dist/{ZIP}"),
            *("--archives", f"dist/{ENV}#environment", "--conf", "spark.executor.cores=2", *CONF[2:], *python, *driver),
            *("dist/main.py", "run", "r.toml", "--root", "/data/run", *AFTER[1:]),
        ],
    ]


@pytest.mark.parametrize("target", sorted(TO))
def test_a_shell_parts_what_is_printed_into_the_same_words(
    target: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(capsys, target, "r.toml", *TO[target], "--dry-run", "--conf", 'spark.x=it\'s $HOME; `id` "q" \\', *AFTER)
    script = "".join(
        f"{name}() {{ printf '%s\\0' {name} \"$@\"; printf '\\0'; }}\n" for name in ("aws", "gcloud", "rm", "mkdir", "tar")
    )
    script += "spark-submit() { printf '%s\\0' spark-submit \"$@\"; printf '\\0'; }\n" + text
    said = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout
    assert [words.split("\0") for words in said.split("\0\0") if words] == commands(text)
    assert "it's $HOME; `id`" in said


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (("emr-serverless", "--root", "s3://b/r"), "--artifacts is missing"),
        (("emr-serverless", "--root", "r", "--artifacts", "s3://b/c"), "--application is missing"),
        (("emr-serverless", "--root", "r", "--artifacts", "s3://b/c", "--application", "a"), "--role is missing"),
        (("emr", "--root", "r", "--artifacts", "s3://b/c"), "--cluster is missing"),
        (("dataproc", "--root", "r", "--artifacts", "gs://b/c"), "--region is missing"),
        (("dataproc", "--root", "r", "--artifacts", "gs://b/c", "--region", "x"), "--image is missing"),
        (("standalone", "--root", "r"), "--master is missing"),
    ],
)
def test_what_is_missing_is_named_with_what_to_do(
    words: tuple[str, ...], missing: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([words[0], "r.toml", *words[1:]]) == 2
    told = capsys.readouterr()
    name = missing.split()[0].removeprefix("--")
    assert told.out == ""
    assert f"{missing}, so nothing was submitted: {submission.OPTIONS[name]}." in told.err
    assert told.err.endswith(f"or set GRISTMILL_{name.upper()}\n")


def test_options_may_come_from_the_environment(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = printed(capsys, "emr", "r.toml", *TO["emr"], "--dry-run")
    monkeypatch.setenv("GRISTMILL_ARTIFACTS", "s3://b/code")
    monkeypatch.setenv("GRISTMILL_CLUSTER", "j-1")
    assert printed(capsys, "emr", "r.toml", "--root", "s3://b/run", "--dry-run") == given


def test_a_wrong_recipe_a_wrong_setting_and_a_blank_in_a_name_are_refused(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(target: str, recipe: str, *more: str) -> str:
        assert main([target, recipe, *TO[target], *more]) == 2
        return capsys.readouterr().err

    assert "absent.toml cannot be read as a recipe" in told("emr", "absent.toml")
    assert "--conf spark.x is no setting" in told("emr", "r.toml", "--conf", "spark.x")
    assert "takes no job definition" in told("standalone", "r.toml", "--json")
    (place / "a b.toml").write_text("", "utf-8")
    assert "'s3://b/code/a b.toml,s3://b/code/lid.176.ftz' holds a blank" in told("emr-serverless", "a b.toml", "--dry-run")


def test_nothing_runs_without_the_artifacts_or_the_clouds_command_line(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def told() -> str:
        assert main(["emr", "r.toml", *TO["emr"]]) == 2
        return capsys.readouterr().err

    monkeypatch.setenv("PATH", str(place))
    for name in (f"dist/{ZIP}", f"dist/{ENV}", "dist/main.py", "models/lid.176.ftz", "our/quality.bin"):
        assert f"{name} is not there" in (said := told())
        assert ("models fetch" if name.startswith("models/") else "make dist") in said or name.startswith("our/")
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_bytes(b"")
    assert "aws is not on the PATH, so nothing was submitted. It is AWS's command line: pip install awscli" in told()


def test_commands_run_in_order_up_to_the_first_that_fails(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in (f"dist/{ZIP}", f"dist/{ENV}", "dist/main.py", "models/lid.176.ftz", "our/quality.bin"):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_bytes(b"")
    fake = place / "aws"
    fake.write_text('#!/bin/sh\necho "$3" >> ran\n[ "$3" != dist/main.py ] || exit 7\n', "utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")
    assert main(["emr", "r.toml", *TO["emr"]]) == 7
    assert (place / "ran").read_text("utf-8").split() == [f"dist/{ZIP}", f"dist/{ENV}", "dist/main.py"]
    assert capfd.readouterr().err.splitlines()[-1] == "+ aws s3 cp dist/main.py s3://b/code/main.py"


def test_submit_starts_from_anywhere_by_any_python(tmp_path: Path) -> None:
    """The launcher needs nothing installed: -S leaves every package out."""
    command = [sys.executable, "-S", str(PROJECT / "docker" / "submit"), "standalone", str(PROJECT / "conf/tiny.toml")]
    done = subprocess.run([*command, *TO["standalone"], "--dry-run"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert commands(done.stdout)[-1][:3] == ["spark-submit", "--master", "spark://host:7077"]
