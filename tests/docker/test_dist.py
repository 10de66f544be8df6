"""What a cluster and a package index are given holds all that the code reads, and works as it does in folders."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.runs import PROJECT

# What the code reads beside itself, and its stages, each with what decides whether its finished work is still right.
ASK = """
import json
from importlib.metadata import version
from jobs import main
from jobs.engine import models
from jobs.recipe.load import known_keys
from jobs.stages import STAGES
from jobs.report.templates import template
from jobs.rephrase.work import prompt_of
from udfs.page import child as page_child
print(json.dumps({
    "stages": [(stage.name, stage.revision, known_keys((stage.section,))) for stage in STAGES],
    "models": sorted(models.known_models()),
    "report": len(template("jobs.report", "report.html")),
    "audit": len(template("jobs.audit", "audit.html")),
    "explorer": len(template("jobs.explorer", "explorer.html")),
    "prompt": prompt_of("tutorial").sha256,
    "version": version("gristmill"),
    "from": page_child.__file__,
}))
"""


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    pack(folder)
    return next(folder.glob("*.zip"))


def pack(folder: Path) -> None:
    subprocess.run([sys.executable, PROJECT / "docker/pack.py", "code", folder], check=True, capture_output=True)


def ask(place: Path, folder: Path) -> dict[str, object]:
    """Ask the code in one place, from an empty folder, with the packages of this environment but not its copy of gristmill."""
    clean = "import sys; sys.meta_path[:] = [one for one in sys.meta_path if 'editable' not in str(one)]"
    done = subprocess.run(
        [sys.executable, "-P", "-c", clean + ASK],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    assert str(answer.pop("from")).startswith(str(place))
    return answer


def test_the_code_runs_from_the_zip_as_it_does_from_folders(code: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(code).extractall(tmp_path / "folders")
    assert ask(code, tmp_path) == ask(tmp_path / "folders", tmp_path)


def test_the_zip_is_the_same_bytes_each_time_and_the_manifest_tells_its_hash(code: Path, tmp_path: Path) -> None:
    pack(tmp_path)
    assert (tmp_path / code.name).read_bytes() == code.read_bytes()
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    assert manifest == json.loads((code.parent / "manifest.json").read_text("utf-8"))
    assert sorted(manifest["files"]) == [code.name, "main.py"]
    assert manifest["files"][code.name]["bytes"] == code.stat().st_size


def test_the_recipes_travel_in_the_zip_and_no_test_does(code: Path) -> None:
    names = zipfile.ZipFile(code).namelist()
    assert {
        "conf/fineweb.toml",
        "conf/models.toml",
        "jobs/report/report.html",
        "conf/prompts/table.toml",
        "jobs/explorer/draw.js",
        "jobs/explorer/explorer.css",
        "udfs/page/child.py",
    } <= set(names)
    assert {name.partition("/")[0] for name in names if "dist-info" not in name} == {"jobs", "udfs", "conf"}


def test_every_module_travels_in_the_zip_at_any_depth_and_so_in_the_wheel(code: Path) -> None:
    sources = {str(path.relative_to(PROJECT)) for name in ("jobs", "udfs") for path in (PROJECT / name).rglob("*.py")}
    names = zipfile.ZipFile(code).namelist()
    assert {name for name in names if name.startswith(("jobs/", "udfs/")) and name.endswith(".py")} == sources


def test_the_wheel_holds_what_the_zip_holds(code: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"  # a build leaves folders beside the sources, and takes what an earlier one left there
    for name in ("jobs", "udfs", "conf", "sample"):
        shutil.copytree(PROJECT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(PROJECT / name, source / name)
    command = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", tmp_path, source)
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    ours = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(("jobs/", "udfs/", "conf/"))}
    assert ours == {name for name in zipfile.ZipFile(code).namelist() if "dist-info" not in name}


def test_make_dist_packs_the_environment_anew_for_other_extras_and_only_then(tmp_path: Path) -> None:
    for folder in ("docker", "dist"):
        (tmp_path / folder).mkdir()
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(PROJECT / name, tmp_path / name)
    (tmp_path / "dist/manifest.json").write_text("{}\n")
    (tmp_path / "docker/pack.py").write_text("import sys; print('packed', *sys.argv[1:])\n")
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}  # make may run us

    def packed(extras: str) -> list[str]:
        command = ["make", "dist", f"PYTHON={sys.executable}", f"EXTRAS={extras}"]
        done = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, check=True)
        return [line for line in done.stdout.splitlines() if line.startswith("packed environment")]

    extended = ["packed environment dist --extra embed --extra pack"]
    asked = [packed(extras) for extras in ("", "", "embed pack", "embed pack", "")]
    assert asked == [["packed environment dist"], [], extended, [], ["packed environment dist"]]
