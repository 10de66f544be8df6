"""Mix: documents of several corpora, each with the number of copies that it has in the mix.

The files are read twice. The first time each document is counted, and of each corpus it is decided how it is drawn. The second time
documents are written, chunk by chunk, and no text is shuffled. Of a document nothing reaches the driver, but for some thousands that
may fill the last gap of a corpus.
"""

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine import documents
from jobs.engine.errors import LedgerError, RecipeError
from jobs.engine.job import Job
from jobs.engine.ledger import Ledger
from jobs.engine.source import readers, run_source, totals
from jobs.mix.composition import TABLE, WEIGHTS, drawn, write_composition
from jobs.mix.counted import FOLDER, Decided, decided, folder_of, reader
from jobs.mix.settings import Mix
from udfs.documents.file_row import FileRange
from udfs.documents.schema import ROW_SCHEMA
from udfs.mix.worker import DrawFiles

WEIGHED = "coalesce(sum(cast(xxhash64(id) AS decimal(38,0)) * copies), 0)"
DECIDING = (
    "filter",
    "passages",
    "semantic",
    "decontaminate",
    "sampling",
)  # sections of stages that take documents or text away


def decides(job: Job[Mix]) -> Any:
    """Return what decides the documents; what the corpora hold, and the weights of a file, are pinned."""
    settings = job.settings.model_dump(mode="json", exclude={"weights": True, "by": True, "corpora": {"__all__": {"corpus"}}})
    pack: Any = job.recipe.sections.get("pack")
    special = [pack.pattern, pack.bos, pack.eos] if job.settings.count == "tokenizer" else None
    return [settings, special, job.recipe.run.dump]


def check(job: Job[Mix]) -> None:
    """Refuse a recipe whose later stages would take documents or text away: the mix would be another than its shares say.

    Raises RecipeError.
    """
    sections = job.recipe.sections
    found = [f"[{name}]" for name in DECIDING if sections.get(name)]
    dedup: Any = sections.get("dedup")
    drops = dedup.exact_url != "off" or dedup.exact_text or dedup.exact_digest or dedup.near_duplicates is not None
    if dedup.mode == "drop" and drops:
        found.append('[dedup] (write exact_url = "off" and exact_text = false)')
    annotate: Any = sections.get("annotate")
    if annotate.line_edits != "none" or annotate.pii:
        found.append('[annotate] (write line_edits = "none" and pii = false)')
    if found:
        raise RecipeError(
            f"[mix] says how many tokens of each corpus there are, and {', '.join(found)} would take some of them away; nothing was run. Put "
            f"that into the recipes of the corpora"
        )
    if job.settings.count == "tokenizer" and "pack" not in sections:
        raise RecipeError(
            '[mix] count = "tokenizer" counts by [pack] tokenizer, and the recipe has no [pack]; nothing was run. Add it, or count = "column"'
        )


def run(job: Job[Mix]) -> Ledger:
    """Count the corpora, write the documents with their copies, and prove that the mix has what was decided."""
    found = decided(job)

    def read(chunk: str, files: tuple[FileRange, ...], isolate: bool) -> DataFrame:
        worker = DrawFiles(reader(job, files, isolate=isolate), found.draws, job.settings.carry)
        _, most = readers(job.recipe.run)
        work = job.root.spark.range(0, len(files), 1, min(most, len(files)))
        return work.mapInArrow(worker, from_arrow_schema(ROW_SCHEMA))

    ledger = run_source(job, read=read)
    if not documents.still_failed(job.root):  # without such a file the mix lacks its documents, and the run says so
        _prove(job, found)
    write_composition(job, found)
    job.root.delete_all_but(FOLDER, [name.removeprefix(f"{FOLDER}/") for name in (folder_of(job), TABLE, WEIGHTS)])
    return ledger


def facts(job: Job[Mix]) -> dict[str, Any]:
    """Say in the stage's marker what was read, and what of each corpus stands in the mix."""
    found = job.root.read_json(TABLE) or {}
    return totals(job.root) | {"mix": {name: found[name] for name in ("tokens", "corpora") if name in found}}


def _prove(job: Job[Mix], found: Decided) -> None:
    """Hold the documents that were written against those that were counted: of each corpus, by id, as often as was decided.

    Raises LedgerError.
    """
    sums = (F.count("*").alias("n"), F.sum("copies").alias("copies"), F.expr(WEIGHED).cast("string").alias("ids"))
    owed = drawn(job, found).groupBy("corpus").agg(*sums)
    written = documents.documents(job.root).where("outcome = 'extracted'").groupBy("corpus").agg(*sums)
    should, stand = ({str(row["corpus"]): tuple(row[1:]) for row in rows.collect()} for rows in (owed, written))
    wrong = sorted(name for name in should.keys() | stand.keys() if should.get(name) != stand.get(name))
    if wrong:
        raise LedgerError(
            f"mix: the documents of {', '.join(wrong)} do not stand in the mix as often as they should: the stage is not finished and nothing "
            f"after it ran. Did a file change while it was read? Run again with --from mix"
        )
