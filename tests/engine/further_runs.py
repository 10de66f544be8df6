"""The runs beside the tiny one whose rows are hashed: of the sources and stages that it does not have."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.engine.root import Root
from jobs.recipe.load import load_recipe, recipe_of
from tests.endpoint.stub_server import serving
from tests.runs import PROJECT, Finished, changed, rows, run, tiny
from tests.semantic.small_root import Doc, write_root
from tests.semantic.small_root import semantic as decided
from udfs.documents.schema import DOCUMENT_FIELDS
from udfs.signals.rephrase import SIGNALS as REPHRASE

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Rows = Iterable[Mapping[str, Any]]
NOT_HASHED = ("chunk", "error")  # how the work was cut; words that may name a path or a measured number
PASSAGES = {"ccnet_lines": {"keep": "first"}, "bff": {}, "substrings": {"min_tokens": 20}}
SEMANTIC = {"clusters": 5, "duplicates": {"min_cosine": 0.9}, "prototypes": {"keep": 0.5}}
SAMPLING = [
    {"name": "below_half", "top": {"by": "character_count", "share": 0.5, "within": "language"}},
    {"name": "unlucky", "pareto": {"by": "language_score", "alpha": 0.5}, "seed": 1},
    {"name": "even", "temperature": {"over": "domain", "temperature": 2}},
    {"name": "tier", "tiers": {"by": "word_count", "shares": [0.2, 0.3], "copies": [2.5, 1.5, 0.9]}},
    {"name": "over_budget", "budget": {"tokens": 20000}},
]


def passages(spark: "SparkSession", finished: Finished, root: Path) -> Rows:
    recipe = changed(tiny(list(finished.inputs)), passages=PASSAGES)
    run(spark, recipe, finished.copy(root), only="passages")
    return [*rows(root, "decisions/passages"), *rows(root, "edits/passages")]


def semantic(spark: "SparkSession", root: Path) -> Rows:
    """Give the stage documents with vectors that no model has made: whole numbers, some of them nearly equal."""
    vectors = [[((n // 3) ** 2 * k * 31 + k * 17 + n % 3) % 101 - 50 for k in range(1, 17)] for n in range(90)]
    write_root(root, [Doc(f"d{n:02d}", vector) for n, vector in enumerate(vectors)])
    return decided(Root(spark, str(root)), SEMANTIC).values()


def decontaminate(spark: "SparkSession", finished: Finished, folder: Path) -> Rows:
    """Protect the middle of every third document that is kept, and have the words cut."""
    texts = [row["text"].split() for row in rows(finished.root, "corpus")][::3]
    items = [{"q": " ".join(words[20:60])} for words in texts if len(words) > 60]
    (folder / "items.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items), "utf-8")
    section = {"action": "cut", "set": [{"name": "s", "uri": str(folder / "items.jsonl"), "question": "q"}]}
    recipe = changed(tiny(list(finished.inputs)), decontaminate=section)
    run(spark, recipe, finished.copy(folder / "decontaminate"), only="decontaminate")
    root = folder / "decontaminate"
    return [*rows(root, "decisions/decontaminate"), *rows(root, "edits/decontaminate")]


def sampling(spark: "SparkSession", finished: Finished, root: Path) -> Rows:
    recipe = changed(tiny(list(finished.inputs)), sampling=SAMPLING)
    run(spark, recipe, finished.copy(root), only="sampling")
    return rows(root, "decisions/sampling")


def pack(spark: "SparkSession", finished: Finished, root: Path) -> Rows:
    """Pack the tiny corpus by GPT-2's vocabulary, which is in the core."""
    recipe = changed(tiny(list(finished.inputs)), pack={"sequence_length": 64, "formats": ["parquet"], "shard_tokens": 2000})
    run(spark, recipe, finished.copy(root), only="pack")
    files = sorted((root / "packed").rglob("*.parquet"))
    return [row for file in files for row in pq.read_table(file, partitioning=None).to_pylist()]


def read(spark: "SparkSession", texts: Path, folder: Path) -> Rows:
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
    return [{**row, "id": row["id"].replace(str(folder), "")} for row in found]  # a row without an id gets its file's path


def megadocs(spark: "SparkSession", finished: Finished, folder: Path) -> Rows:
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
    return [{**row, "parents": parents, "file_path": ""} for row, parents in zip(found, unrooted, strict=True)]


def mix(spark: "SparkSession", finished: Finished, folder: Path) -> Rows:
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
    return [{**row, "file_path": ""} for row in rows(folder / "mix", "documents", without=NOT_HASHED)]


def rephrase(spark: "SparkSession", folder: Path) -> tuple[Rows, Rows]:
    """Rephrase a few pages by a server whose every answer is known, and measure the answers: the pages of extract have no parents.

    Return the documents, and what was measured of them.
    """
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
    return [{**row, "parents": parents} for row, parents in zip(found, unrooted, strict=True)], gates
