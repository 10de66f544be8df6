"""Runs the steps of a Debian target of docker/Dockerfile without Docker: each stage in a root of its own made by debootstrap.

    sudo python3 docker/check.py             # needs root, debootstrap and unshare; a package index and Debian's packages in reach

COPYs are made, RUNs run by chroot as the USER that stands above them, and at the end the image is asked whether it can do what a
job needs. A proxy and PIP_'s index settings of the environment hold inside too. What is written lies in a temporary folder, each RUN
has process and mount tables of its own, and so nothing is left behind.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
if __package__ in (None, ""):  # run as a script: put the folder above docker/ in the place of docker/ itself
    sys.path[0] = str(PROJECT)

from docker.dockerfile import Stage, Step, chain, read_stages  # noqa: E402

SUITE = "bookworm"  # Debian 12
HANDED_ON = ("http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_DEFAULT_TIMEOUT")
CERTIFICATES = "/opt/certificates.crt"  # the host's, where pip is told to use its own
IMPORTS = """
import importlib, importlib.util, pkgutil, sys
sys.path.insert(0, "/opt/gristmill.zip")
import udfs
for module in pkgutil.walk_packages(udfs.__path__, "udfs."):
    importlib.import_module(module.name)
assert importlib.util.find_spec("pyspark") is None, "there is a Spark in the image"
print(len(list(pkgutil.walk_packages(udfs.__path__))), "modules of udfs")
"""
PROOFS = (  # what the finished image must be able to do: what is asked, and the beginning of the answer
    ("user", "id -u", "1099"),
    ("ps", "ps -o pid= -p 1", "1"),
    ("tini", "tini --version", "tini version"),
    ("Python", "$PYSPARK_PYTHON --version", "Python 3.11"),
    ("what executors import", f"$PYSPARK_PYTHON -c {shlex.quote(IMPORTS)}", ""),
)


class Root:
    """One stage's file system, and the state that its instructions leave: user, folder, environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.user = "root"
        self.workdir = "/"
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp"}
        self.environment |= {name: os.environ[name] for name in HANDED_ON if name in os.environ}
        if "PIP_CERT" in os.environ:
            self.environment["PIP_CERT"] = CERTIFICATES

    def at(self, path: str) -> Path:
        """Return where a path of the stage lies on this machine."""
        return self.folder / str(Path("/", self.workdir, path)).lstrip("/")

    def copy(self, step: Step, *, source: Path) -> None:
        """Carry out a COPY: folders give their contents, and a target that ends in a slash is a folder."""
        *names, target = step.paths
        for path in (source / name.lstrip("/") for name in names):
            if path.is_dir():
                shutil.copytree(path, self.at(target), symlinks=True, dirs_exist_ok=True)
            else:
                place = self.at(target) / path.name if target.endswith("/") else self.at(target)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, place)

    def run(self, command: str, *, capture: bool = False) -> str:
        """Run a shell command inside, with a process and mount table that end with it; return what it prints, if captured.

        Raises CalledProcessError if it fails.
        """
        inside = ["chroot", f"--userspec={self.user}", str(self.folder), "/bin/sh", "-c"]
        table = ["unshare", "--mount", "--pid", "--fork", "--kill-child", f"--mount-proc={self.folder}/proc"]
        done = subprocess.run(
            [*table, *inside, f"cd {self.workdir} && {command}"],
            env=self.environment,
            stdout=subprocess.PIPE if capture else None,
            text=True,
            check=True,
        )
        return done.stdout if capture else ""


def build(stage: Stage, *, base: Path, folder: Path, built: dict[str, Root]) -> Root:
    """Carry out a stage's instructions in a copy of the base."""
    root = Root(folder)
    if stage.base == "scratch":
        folder.mkdir()
    else:
        subprocess.run(["cp", "-a", str(base), str(folder)], check=True)
    for step in stage.steps:
        began = time.monotonic()
        match step.name:
            case "USER":
                root.user = step.text
            case "WORKDIR":
                root.workdir = step.text
                root.at("").mkdir(parents=True, exist_ok=True)
            case "ENV":
                root.environment |= dict(word.split("=", 1) for word in step.words)
            case "COPY":
                root.copy(step, source=built[step.source_stage].folder if step.source_stage else PROJECT)
            case "RUN":
                root.run(step.text)
        print(f"{stage.name}: {step.name} {step.text}  ({time.monotonic() - began:.1f} s)", flush=True)
    return root


def make_base(folder: Path, *, mirror: str) -> None:
    """Make the smallest Debian there is, which is what Debian's slim images are made from."""
    subprocess.run(["debootstrap", "--variant=minbase", SUITE, str(folder), mirror], check=True, stdout=subprocess.DEVNULL)
    if "PIP_CERT" in os.environ:
        shutil.copyfile(os.environ["PIP_CERT"], folder / CERTIFICATES.lstrip("/"))


def prove(root: Root) -> None:
    """Ask the finished image whether it can do what a job needs; raises SystemExit at the first answer that is none."""
    subprocess.run([sys.executable, PROJECT / "docker" / "pack.py", "code", root.folder / "opt"], check=True)
    (code,) = (root.folder / "opt").glob("gristmill-*.zip")
    code.rename(root.folder / "opt" / "gristmill.zip")
    for name, command, answer in PROOFS:
        given = root.run(command, capture=True).strip()
        if not given.startswith(answer):
            sys.exit(f"check: in the image `{command}` answers {given!r} and not {answer!r}; mend docker/Dockerfile")
        print(f"image: {name}: {given}", flush=True)


def main() -> None:
    """Build a target and what it is made of, and ask it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", default="dataproc", choices=("dataproc", "dataproc-archive"), help="stage to build")
    parser.add_argument("--mirror", default="http://deb.debian.org/debian", help="where Debian's packages come from")
    chosen = parser.parse_args()
    missing = [name for name in ("debootstrap", "unshare", "chroot") if shutil.which(name) is None]
    if os.geteuid() != 0 or missing:
        sys.exit(
            f"check: needs root and {', '.join(missing or ['nothing more'])}: nothing was checked. On Debian: apt-get install debootstrap"
        )
    built: dict[str, Root] = {}
    with tempfile.TemporaryDirectory(prefix="gristmill-docker-") as scratch:
        base = Path(scratch, "base")
        make_base(base, mirror=chosen.mirror)
        for stage in chain(read_stages(PROJECT / "docker" / "Dockerfile"), chosen.target):
            built[stage.name] = build(stage, base=base, folder=Path(scratch, stage.name), built=built)
        if chosen.target == "dataproc":
            prove(built["dataproc"])


if __name__ == "__main__":
    main()
