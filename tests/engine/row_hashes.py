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

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.classifier.train import TrainSettings, train
from jobs.engine.root import Root
from jobs.recipe.load import load_recipe, recipe_of
from jobs.stages import STAGES
from tests import runs
from tests.endpoint.stub_server import serving
from tests.runs import PROJECT, Finished, changed, rows, run, tiny
from tests.semantic.small_root import Doc, semantic
from tests.semantic.small_root import write_root as write_vectors
from udfs.documents.schema import DOCUMENT_FIELDS
from udfs.signals.rephrase import SIGNALS as REPHRASE
from udfs.signals.sets import SETS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

RECORD = Path(__file__).with_name("row_hashes.json")
HOW = "python -m tests.engine.row_hashes"
NOT_HASHED = ("chunk", "error")  # how the work was cut; words that may name a path or a measured number
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
PASSAGES = {"ccnet_lines": {"keep": "first"}, "bff": {}, "substrings": {"min_tokens": 20}}
SEMANTIC = {"clusters": 5, "duplicates": {"min_cosine": 0.9}, "prototypes": {"keep": 0.5}}
SAMPLING = [
    {"name": "below_half", "top": {"by": "character_count", "share": 0.5, "within": "language"}},
    {"name": "unlucky", "pareto": {"by": "language_score", "alpha": 0.5}, "seed": 1},
    {"name": "even", "temperature": {"over": "domain", "temperature": 2}},
    {"name": "tier", "tiers": {"by": "word_count", "shares": [0.2, 0.3], "copies": [2.5, 1.5, 0.9]}},
    {"name": "over_budget", "budget": {"tokens": 20000}},
]
HASHED_SETS = [one for one in SETS if one.name not in ("perplexity", "embedding")]  # the tiny run has no models for them
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
        "passages": _passages(spark, finished, folder / "passages"),
        "semantic": _semantic(spark, folder / "semantic"),
        "decontaminate": _decontaminate(spark, finished, folder),
        "sampling": _sampling(spark, finished, folder / "sampling"),
        "read": _read(spark, _texts(finished), folder),
        "pack": _pack(spark, finished, folder / "pack"),
        "megadocs": _megadocs(spark, finished, folder),
        "mix": _mix(spark, finished, folder),
    }
    for one in HASHED_SETS:
        names = ("id", *(field.name for field in one.fields))
        found[f"annotate: {one.name}"] = hashed({name: row[name] for name in names} for row in measured)
    return found | _rephrase(spark, folder)


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


def _passages(spark: "SparkSession", finished: Finished, root: Path) -> str:
    recipe = changed(tiny(list(finished.inputs)), passages=PASSAGES)
    run(spark, recipe, finished.copy(root), only="passages")
    return hashed([*rows(root, "decisions/passages"), *rows(root, "edits/passages")])


def _semantic(spark: "SparkSession", root: Path) -> str:
    """Give the stage documents with vectors that no model has made: whole numbers, some of them nearly equal."""
    vectors = [[((n // 3) ** 2 * k * 31 + k * 17 + n % 3) % 101 - 50 for k in range(1, 17)] for n in range(90)]
    write_vectors(root, [Doc(f"d{n:02d}", vector) for n, vector in enumerate(vectors)])
    return hashed(semantic(Root(spark, str(root)), SEMANTIC).values())


def _decontaminate(spark: "SparkSession", finished: Finished, folder: Path) -> str:
    """Protect the middle of every third document that is kept, and have the words cut."""
    texts = [row["text"].split() for row in rows(finished.root, "corpus")][::3]
    items = [{"q": " ".join(words[20:60])} for words in texts if len(words) > 60]
    (folder / "items.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items), "utf-8")
    section = {"action": "cut", "set": [{"name": "s", "uri": str(folder / "items.jsonl"), "question": "q"}]}
    recipe = changed(tiny(list(finished.inputs)), decontaminate=section)
    run(spark, recipe, finished.copy(folder / "decontaminate"), only="decontaminate")
    root = folder / "decontaminate"
    return hashed([*rows(root, "decisions/decontaminate"), *rows(root, "edits/decontaminate")])


def _sampling(spark: "SparkSession", finished: Finished, root: Path) -> str:
    recipe = changed(tiny(list(finished.inputs)), sampling=SAMPLING)
    run(spark, recipe, finished.copy(root), only="sampling")
    return hashed(rows(root, "decisions/sampling"))


def _pack(spark: "SparkSession", finished: Finished, root: Path) -> str:
    """Pack the tiny corpus by GPT-2's vocabulary, which is in the core."""
    recipe = changed(tiny(list(finished.inputs)), pack={"sequence_length": 64, "formats": ["parquet"], "shard_tokens": 2000})
    run(spark, recipe, finished.copy(root), only="pack")
    files = sorted((root / "packed").rglob("*.parquet"))
    return hashed(row for file in files for row in pq.read_table(file, partitioning=None).to_pylist())


def _read(spark: "SparkSession", texts: Path, folder: Path) -> str:
    """Read some texts as a corpus of one file, among them none and one that is blank."""
    lines: list[str | None] = [*(texts / "positive.txt").read_text("utf-8").split("\n")[:200], None, " \n"]
    columns = {
        "id": [f"row-{number}" if number % 3 else None for number, _ in enumerate(lines)],
        "text": lines,
        "url": [f"https://www.example.org/{number}?q=1" for number, _ in enumerate(lines)],
        "date": ["2026-01-02T03:04:05Z"] * len(lines),
        "language": ["en"] * len(lines),
        "dump": ["CC-MAIN-2026-26" if number % 2 else None for number, _ in enumerate(lines)],
    }
    pq.write_table(pa.table(columns), folder / "corpus.parquet", row_group_size=100)
    recipe = load_recipe(PROJECT / "conf/dedup-corpus.toml", overrides={"input": [str(folder / "corpus.parquet")]})
    run(spark, recipe, folder / "read", only="read")
    found = rows(folder / "read", "documents", without=NOT_HASHED)
    return hashed(
        {**row, "id": row["id"].replace(str(folder), "")} for row in found
    )  # a row without an id gets its file's path


def _megadocs(spark: "SparkSession", finished: Finished, folder: Path) -> str:
    """Weave two texts each into some published pages: one page has but one, and one text has no page."""
    ids = sorted(row["id"] for row in rows(finished.root, "corpus"))[:4]
    texts = [
        {"id": f"text-{number}", "text": f"Text {number}.", "parents": [{"root": "", "id": of}], "nth": number // 4}
        for number, of in enumerate([*ids, *ids[:3], "nowhere"])
    ]
    schema = pa.schema([DOCUMENT_FIELDS.field(name) for name in ("id", "text", "parents", "nth")])
    pq.write_table(pa.Table.from_pylist(texts, schema=schema), folder / "texts.parquet")
    table = {
        "run": {"name": "woven", "dump": "WOVEN", "input": [str(finished.root)]},
        "megadocs": {"synthetic": [str(folder / "texts.parquet")], "weave": "stitch", "generations": 2},
    }
    run(spark, recipe_of(table), folder / "megadocs", only="megadocs")
    found = rows(folder / "megadocs", "documents", without=NOT_HASHED)
    unrooted = [[{**parent, "root": ""} for parent in row["parents"]] for row in found]  # roots lie in a folder of this run
    return hashed({**row, "parents": parents, "file_path": ""} for row, parents in zip(found, unrooted, strict=True))


def _mix(spark: "SparkSession", finished: Finished, folder: Path) -> str:
    """Mix the published corpus, one and a half times, with a few lines of which a part is drawn."""
    lines = [
        {"id": f"line-{number}", "text": f"Line {number} has few words.", "copies": 1 + number % 3} for number in range(40)
    ]
    (folder / "lines.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    corpora = [
        {"name": "pages", "corpus": str(finished.root), "epochs": 1.5},
        {"name": "lines", "corpus": str(folder / "lines.jsonl"), "weight": 0.01},
    ]
    table = {
        "run": {"name": "mixed", "dump": "MIXED", "input": []},
        "mix": {"corpora": corpora},
        "annotate": {"line_edits": "none", "pii": False},
        "dedup": {"exact_url": "off", "exact_text": False},
    }
    run(spark, recipe_of(table), folder / "mix", only="mix")
    return hashed(rows(folder / "mix", "documents", without=NOT_HASHED))


def _rephrase(spark: "SparkSession", folder: Path) -> dict[str, str]:
    """Rephrase a few pages by a server whose every answer is known, and measure the answers: the pages of extract have no parents."""
    pages = [{"id": f"p{n}", "text": f"In {1900 + n} Anna Holt sold {n} mills.\n\n" * (1 + 9 * (n % 2))} for n in range(6)]
    (folder / "pages.jsonl").write_text("".join(json.dumps(page) + "\n" for page in [*pages, {"id": "none"}]), "utf-8")
    styles = [
        {"name": "facts", "prompt": "list_of_facts", "share": 0.5, "copies": 2, "seed": 1},
        {"name": "plain", "prompt": "plain_explanation", "share": 0.9, "segment_tokens": 50},
    ]
    with serving() as stub:
        table = {
            "run": {"name": "rephrased", "dump": "REPHRASED", "input": [str(folder / "pages.jsonl")]},
            "rephrase": {"servers": [stub.url], "model": "stub", "concurrency": 4, "style": styles},
            "annotate": {"line_edits": "none", "pii": False, "signal_sets": ["rephrase"]},
        }
        for stage in ("rephrase", "annotate"):
            run(spark, recipe_of(table), folder / "rephrased", only=stage)
    found = rows(folder / "rephrased", "documents", without=NOT_HASHED)
    unrooted = [
        [{**parent, "root": ""} for parent in row["parents"] or ()] for row in found
    ]  # roots lie in a folder of this run
    gates = [
        {name: row[name] for name in ("id", *(one.name for one in REPHRASE))} for row in rows(folder / "rephrased", "signals")
    ]
    made_of = ({**row, "parents": parents} for row, parents in zip(found, unrooted, strict=True))
    return {"rephrase": hashed(made_of), "annotate: rephrase": hashed(gates)}


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
