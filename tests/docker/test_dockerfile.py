"""The Dockerfile as docker/check.py reads it, and the rules of the services that no build would notice."""

import subprocess
from pathlib import Path

import pytest

from docker.check import Root
from docker.dockerfile import DockerfileError, Stage, Step, chain, read_stages
from docker.submission import IN_IMAGE

PROJECT = Path(__file__).parents[2]
STAGES = read_stages(PROJECT / "docker" / "Dockerfile")
IMAGES = {"emr-serverless": "hadoop:hadoop", "emr-on-eks": "hadoop:hadoop", "dataproc": "spark"}


def test_there_is_an_image_for_each_service_and_an_archive_for_each_base() -> None:
    assert {name: stage.base.partition(":")[0] for name, stage in STAGES.items()} == {
        "emr-build": "public.ecr.aws/emr-serverless/spark/emr-spark-8.2.0",
        "emr-archive": "scratch",
        "emr-serverless": "public.ecr.aws/emr-serverless/spark/emr-spark-8.2.0",
        "emr-on-eks": "public.ecr.aws/emr-on-eks/spark/emr-spark-8.2.0",
        "dataproc-build": "debian",
        "dataproc-archive": "scratch",
        "dataproc": "debian",
    }


@pytest.mark.parametrize("name", sorted(IMAGES))
def test_an_image_ends_as_the_services_user_with_our_python(name: str) -> None:
    stage = STAGES[name]
    assert stage.steps[-1] == Step("USER", IMAGES[name])
    assert stage.last("ENV") == f"PYSPARK_PYTHON={IN_IMAGE} PYSPARK_DRIVER_PYTHON={IN_IMAGE}"
    assert Path(IN_IMAGE).parent.parent == Path(stage.last("COPY").split()[-1])  # type: ignore[union-attr]


def test_every_file_that_is_copied_from_the_checkout_is_there() -> None:
    named = {
        path
        for s in STAGES.values()
        for step in s.steps
        if step.name == "COPY" and step.source_stage is None
        for path in step.paths[:-1]
    }
    assert named == {"docker/install-amazon", "docker/install-debian", "docker/pack.py", "pyproject.toml", "requirements.lock"}
    assert [path for path in sorted(named) if not (PROJECT / path).is_file()] == []


@pytest.mark.parametrize("script", ["install-amazon", "install-debian"])
def test_the_install_scripts_are_sound_shell_and_refuse_what_they_do_not_know(script: str, tmp_path: Path) -> None:
    path = PROJECT / "docker" / script
    assert path.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", path], check=False).returncode == 0
    for tool in ("apt-get", "dnf"):
        (tmp_path / tool).symlink_to("/bin/true")
    done = subprocess.run([path, "all"], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, f"{script}: 'all' is neither build nor run; nothing was installed\n")


def test_a_target_is_built_after_what_it_copies_from(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text(
        "# a comment\nARG BASE=debian:12\nFROM ${BASE} AS a\nRUN one \\\n    && two\nFROM scratch AS b\nCOPY --from=a /x /\n"
        "FROM scratch AS c\nFROM a AS d\nCOPY --from=b /x /y z/\n",
        "utf-8",
    )
    stages = read_stages(file)
    assert stages["a"] == Stage("a", "debian:12", (Step("RUN", "one      && two"),))
    assert [stage.name for stage in chain(stages, "d")] == ["a", "b", "d"]
    (copy,) = stages["d"].steps
    assert (copy.source_stage, copy.paths) == ("b", ["/x", "/y", "z/"])


def test_an_instruction_that_cannot_be_run_without_docker_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian AS a\nADD x /\n", "utf-8")
    with pytest.raises(DockerfileError, match="'ADD x /' is nothing that"):
        read_stages(tmp_path / "Dockerfile")


def test_a_copy_lands_where_docker_would_put_it(tmp_path: Path) -> None:
    source, root = tmp_path / "source", Root(tmp_path / "root")
    (source / "folder" / "deep").mkdir(parents=True)
    (source / "folder" / "deep" / "file").write_text("f", "utf-8")
    (source / "one").write_text("1", "utf-8")
    root.workdir = "/src"
    root.copy(Step("COPY", "one folder/deep/file here/"), source=source)
    root.copy(Step("COPY", "one /opt/other"), source=source)
    root.copy(Step("COPY", "--from=a /folder /opt/tree"), source=source)
    found = {str(path.relative_to(root.folder)): path.read_text("utf-8") for path in root.folder.rglob("*") if path.is_file()}
    assert found == {"src/here/one": "1", "src/here/file": "f", "opt/other": "1", "opt/tree/deep/file": "f"}
