"""A hash of the rows that each stage makes of the tiny run, kept beside the revision that makes them.

    python -m tests.engine.row_hashes

writes row_hashes.json anew. No hash depends on a path, a time or the machine. Signals are hashed by set, since each set has a
revision of its own.
"""

import hashlib
import json
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs.classifier.train import TrainSettings, train
from jobs.stages import STAGES
from tests import runs
from tests.engine import further_runs
from tests.engine.further_runs import NOT_HASHED
from tests.runs import Finished, changed, rows, run, tiny
from udfs.signals.sets import SETS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

RECORD = Path(__file__).with_name("row_hashes.json")
HOW = "python -m tests.engine.row_hashes"
ADDED = (
    "parents",
    "corpus",
    "copies",
)  # columns that came later: left out of a row where they are null, so that their coming moved no hash
LISTS = {
    "domains": ["example.org"],
    "urls": ["example.com/a"],
    "hard_words": ["www"],
    "bad_words": ["river"],
    "stop_words": ["the"],
}
WITH_MODELS = ("perplexity", "embedding", "rephrase_similarity")  # the tiny run has no models for them
HASHED_SETS = [one for one in SETS if one.name not in WITH_MODELS]
REVISIONS = {stage.name: stage.revision for stage in STAGES} | {f"annotate: {one.name}": one.revision for one in HASHED_SETS}


def made(spark: "SparkSession", finished: Finished, folder: Path) -> dict[str, str]:
    """Hash the rows of every stage and of every set of signals; below `folder` the tiny run goes on with the optional stages."""
    root = finished.root
    measured = _signals(spark, finished, folder)
    found = {
        "extract": hashed(rows(root, "documents", without=NOT_HASHED)),
        "annotate": hashed({"id": row["id"], "measured": row["error"] is None} for row in measured),
        "filter": hashed(rows(root, "decisions/filter")),
        "dedup": hashed(rows(root, "decisions/dedup")),
        "publish": hashed(rows(root, "corpus")),
        "passages": hashed(further_runs.passages(spark, finished, folder / "passages")),
        "semantic": hashed(further_runs.semantic(spark, folder / "semantic")),
        "decontaminate": hashed(further_runs.decontaminate(spark, finished, folder)),
        "sampling": hashed(further_runs.sampling(spark, finished, folder / "sampling")),
        "read": hashed(further_runs.read(spark, _texts(finished), folder)),
        "pack": hashed(further_runs.pack(spark, finished, folder / "pack")),
        "megadocs": hashed(further_runs.megadocs(spark, finished, folder)),
        "mix": hashed(further_runs.mix(spark, finished, folder)),
    }
    for one in HASHED_SETS:
        names = ("id", *(field.name for field in one.fields))
        found[f"annotate: {one.name}"] = hashed({name: row[name] for name in names} for row in measured)
    rephrased, gates = further_runs.rephrase(spark, folder)
    return found | {"rephrase": hashed(rephrased), "annotate: rephrase": hashed(gates)}


def _texts(finished: Finished) -> Path:
    """Return the folder of the sample's texts, which no stage has made."""
    return finished.inputs[0].parent.parent / "quality"


def _signals(spark: "SparkSession", finished: Finished, folder: Path) -> list[dict[str, Any]]:
    """Measure quality too, by a small model: one thread trains it, so that it is the same each time."""
    texts = _texts(finished)
    small = TrainSettings(dim=2, epoch=1, bucket=100)
    train(folder / "q.bin", positives=[texts / "positive.txt"], negatives=[texts / "negative.txt"], settings=small)
    recipe = changed(tiny(list(finished.inputs)), annotate={"quality": [{"model": str(folder / "q.bin")}], **_asked(folder)})
    run(spark, recipe, finished.copy(folder / "quality"), only="annotate")
    return rows(folder / "quality", "signals")


def _asked(folder: Path) -> dict[str, Any]:
    """Ask for the sets that are measured only if named, with a small list of each kind."""
    lists = []
    for kind, words in LISTS.items():
        path = folder / kind
        path.write_text("\n".join(words), "utf-8")
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        lists.append({"name": kind, "kind": kind, "uri": str(path), "sha256": sha256})
    return {"signal_sets": [one.name for one in SETS if one.asked], "lists": lists}


def hashed(found: Iterable[Mapping[str, Any]]) -> str:
    """Hash rows in their order: a path by its last part, a number by four digits, for the last ones may differ between processors."""
    digest = hashlib.sha256()
    for row in found:
        there = {name: value for name, value in sorted(row.items()) if value is not None or name not in ADDED}
        digest.update(json.dumps({name: _plain(name, value) for name, value in there.items()}).encode())
    return digest.hexdigest()[:16]


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: _plain(key, item) for key, item in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [_plain("", item) for item in value]
    if name == "file_path":
        return Path(value).name
    return value if value is None or isinstance(value, str | int) else str(value)


def upstream(name: str) -> list[str]:
    """List the rows on which those of a stage or set rest.

    >>> upstream("annotate: pii"), upstream("read")
    (['extract'], [])
    """
    if ": " in name:
        return ["extract"]
    names = [stage.name for stage in STAGES]
    if STAGES[names.index(name)].source is not None:
        return []
    earlier = [stage.name for stage in STAGES[: names.index(name)] if not stage.optional]
    return [*earlier, *(f"annotate: {one.name}" for one in HASHED_SETS if "annotate" in earlier)]


def fault(name: str, *, was: Mapping[str, Any] | None, now: Mapping[str, Any], moved: Collection[str] = ()) -> str | None:
    """Say what is wrong if a stage's rows moved without a new revision, or the record is behind, and what to do.

    `moved` names all whose rows are others than before.
    """
    place = "udfs/signals/sets.py" if ": " in name else f"jobs/{name}/__init__.py"
    if was is None:
        return f"the rows of {name} are not recorded yet. Run `{HOW}`"
    if was == now:
        return None
    first = next((one for one in upstream(name) if one in moved), None)
    if first is not None and was["revision"] == now["revision"]:
        return f"the rows of {name} rest on those of {first}, which moved: see to {first} first"
    if was["revision"] == now["revision"]:
        return (
            f"the rows of {name} are others than before, and its revision is still {now['revision']}: a root that is finished would keep the "
            f"old rows as if they were right. If they are to move, raise `revision` in {place} and run `{HOW}`; else undo what moved them"
        )
    return f"the record of {name} has revision {was['revision']}, and the code {now['revision']}. Run `{HOW}`"


def recorded() -> dict[str, dict[str, Any]]:
    """Read the record."""
    found: dict[str, dict[str, Any]] = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    return found


def with_revisions(hashes: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Put each hash beside the revision that made it."""
    return {name: {"revision": REVISIONS[name], "hash": value} for name, value in hashes.items()}


def main() -> int:
    """Run the tiny recipe and write the record anew."""
    from jobs.engine.session import local_session
    from sample.make import make_sample

    spark = local_session(master="local[2,4]")
    try:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            make_sample(folder / "sample")
            finished = runs.finished(spark, folder / "sample", folder / "root")
            hashes = with_revisions(made(spark, finished, folder))
    finally:
        spark.stop()
    RECORD.write_text(json.dumps(hashes, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
