#!/usr/bin/env python3
"""Packs what spark-submit is given: the code as a zip, and the packages it needs as an environment archive without Spark.

    python3.11 docker/pack.py code dist          # gristmill-V.zip and main.py: the same bytes on every machine
    python3.11 docker/pack.py environment dist   # run it by the interpreter, and on the kind of machine, that the cluster has
    python3.11 docker/pack.py environment dist --extra perplexity --extra embed   # and what some recipes need beyond

Needs no package itself, so that it runs in a bare container; `environment` needs venv, pip and a package index.
"""

import argparse
import gzip
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
PACKER = "venv-pack2==0.9.2"
PACKED = ("jobs", "udfs", "conf")
SUFFIXES = (".py", ".html", ".css", ".js", ".toml", ".conf", ".json", ".npz")
MOMENT = (1980, 1, 1, 0, 0, 0)  # of every file in the zip, the earliest it can name
NEEDLESS = ("lib/python*/site-packages/*/tests/*", "*.pyx", "*.pxd", "*.h", "*.hpp")  # a fifth of what executors unpack
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def main() -> None:
    """Make the artifacts that the command line asks for, and list them in manifest.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("code", "environment"))
    parser.add_argument("folder", type=Path, help="where the artifacts go")
    parser.add_argument("--work", type=Path, default=PROJECT / ".venv-dist", help="where the environment is put together")
    parser.add_argument(
        "--extra", action="append", default=[], choices=_extras(), help="packages that a recipe asks for; may be given again"
    )
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    version = str(_pyproject()["version"])
    if chosen.what == "code":
        made = pack_code(chosen.folder / f"gristmill-{version}.zip", version=version)
        shutil.copyfile(PROJECT / "docker" / "main.py", chosen.folder / "main.py")
    else:
        target = chosen.folder / f"gristmill-env-{version}-py{PYTHON}-{platform.machine()}.tar.gz"
        made = pack_environment(target, work=chosen.work.absolute(), extras=chosen.extra)
    write_manifest(chosen.folder, version=version)
    print(f"{made}  {made.stat().st_size / 1e6:.1f} MB")
    if chosen.what == "environment":
        print(needs(chosen.work.absolute() / "environment"), end="")


def pack_code(target: Path, *, version: str) -> Path:
    """Write the zip for --py-files: the packages, what they read beside their code, and the metadata that tells the version."""
    found = sorted(path for name in PACKED for path in (PROJECT / name).rglob("*") if path.suffix in SUFFIXES)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in found:
            archive.writestr(_entry(str(path.relative_to(PROJECT))), path.read_bytes())
        metadata = f"Metadata-Version: 2.1\nName: gristmill\nVersion: {version}\n"
        archive.writestr(_entry(f"gristmill-{version}.dist-info/METADATA"), metadata)
    return target


def pack_environment(target: Path, *, work: Path, extras: Sequence[str] = ()) -> Path:
    """Install the locked packages, without Spark but with those of some extras, into a venv of their own and pack it; what it needs of the target goes in as a file.

    The lock names what developing and local mode need too. So pip is asked what our dependencies come to under the lock's
    versions, and of the lock's lines those are installed, each held against its hashes.
    """
    shutil.rmtree(work, ignore_errors=True)
    environment, tool = work / "environment", work / "tool"
    _run(sys.executable, "-m", "venv", environment)
    pip = (environment / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--quiet")
    _run(*pip, "install", "--target", tool, PACKER)
    lock = _lock((PROJECT / "requirements.lock").read_text("utf-8"))
    pins, chosen, report = work / "pins.txt", work / "requirements.txt", work / "report.json"
    pins.write_text("".join(re.sub(r"\s*\\\n\s*--hash=\S+", "", block) for block in lock.values()), "utf-8")
    _run(*pip, "install", "--dry-run", "--ignore-installed", "--report", report, "-c", pins, *_wanted(extras))
    names = sorted(_normal(item["metadata"]["name"]) for item in json.loads(report.read_text("utf-8"))["install"])
    chosen.write_text("".join(lock[name] for name in names), "utf-8")
    _run(*pip, "install", "--no-deps", "--no-compile", "--require-hashes", "-r", chosen)
    # hashed and not dated bytecode: the archive changes every file's date, and an executor should not compile for a minute
    hashed = ("-q", "-f", "-j0", "--invalidation-mode", "unchecked-hash", "-x", "/site-packages/.*/tests/")
    _run(pip[0], "-m", "compileall", *hashed, environment / "lib", check=False)
    (environment / "NEEDS.txt").write_text(needs(environment), "utf-8")
    _pack(environment, work / "environment.tar", tool=tool)
    rewrite(work / "environment.tar", target)
    return target


def needs(environment: Path) -> str:
    """Say what the archive expects of the machine it is unpacked on."""
    link = environment / "bin" / "python3"
    while not (interpreter := link.readlink()).is_absolute():  # python3 -> python3.11 -> /usr/bin/python3.11
        link = link.parent / interpreter
    made = f"{platform.python_version()}, {platform.machine()}, {' '.join(platform.libc_ver())} or later"
    return (
        f"This archive holds packages and no interpreter: every machine that unpacks it needs Python {PYTHON} at {interpreter}\n"
        f"(it was made with {made}). If yours has it elsewhere, make the archive by that interpreter, inside the\n"
        f"cluster's base image: python{PYTHON} docker/pack.py environment dist\n"
    )


def rewrite(source: Path, target: Path) -> None:
    """Compress a tar file so that the same members give the same bytes: in order of name, without dates and owners."""
    part = target.with_name(f".{target.name}.part")
    with (
        tarfile.open(source) as old,
        part.open("wb") as file,
        gzip.GzipFile("", "wb", compresslevel=4, fileobj=file, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as new,
    ):
        for _, member in sorted({one.name: one for one in old.getmembers()}.items()):
            member.mtime, member.uid, member.gid, member.uname, member.gname = 0, 0, 0, "", ""
            member.pax_headers = {}  # of which one holds the date again
            new.addfile(member, old.extractfile(member) if member.isfile() else None)
    source.unlink()
    part.replace(target)


def write_manifest(folder: Path, *, version: str) -> None:
    """List what lies in the folder by size and sha256; an archive of another version is not ours."""
    ours = [path for path in sorted(folder.iterdir()) if path.name == "main.py" or path.name.startswith("gristmill-")]
    files = {path.name: {"bytes": path.stat().st_size, "sha256": _sha256(path)} for path in ours}
    body = {"version": version, "files": {name: fact for name, fact in files.items() if name == "main.py" or version in name}}
    (folder / "manifest.json").write_text(json.dumps(body, indent=1) + "\n", "utf-8")


def _pack(environment: Path, target: Path, *, tool: Path) -> None:
    filters = [argument for pattern in NEEDLESS for argument in ("--exclude", pattern)]
    command = (sys.executable, "-m", "venv_pack", "--quiet", "--force", "--prefix", environment, "--output", target, *filters)
    _run(*command, PYTHONPATH=str(tool))


def _lock(text: str) -> dict[str, str]:
    """Return the lines of each locked package, hashes included; one locked in two versions, by Python's version, has both."""
    found: dict[str, str] = {}
    for block in re.findall(r"^\S.*\n(?:[ ].*\n)*", text, re.MULTILINE):
        name = _normal(block.partition("==")[0])
        found[name] = found.get(name, "") + block
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _pyproject() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    return project


def _extras() -> list[str]:
    """Name the extras that an executor can need."""
    return sorted(_pyproject()["optional-dependencies"].keys() - {"spark", "dev"})


def _wanted(extras: Sequence[str]) -> list[str]:
    project = _pyproject()
    return [*project["dependencies"], *(package for extra in extras for package in project["optional-dependencies"][extra])]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _run(*command: object, check: bool = True, **environment: str) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")}
    done = subprocess.run(list(map(str, command)), env=kept | environment, check=False)
    if check and done.returncode:
        sys.exit(
            f"pack: `{' '.join(map(str, command))}` ended with {done.returncode}, so nothing was packed; mend what it says above"
        )


if __name__ == "__main__":
    main()
