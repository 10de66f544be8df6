"""Extract: read WARC files and take the text of their pages, in one pass through Python workers (law 6)."""

from collections.abc import Sequence
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.crawl.cc_index import check_index_filter
from jobs.crawl.index_filter import with_records
from jobs.crawl.plan import forget_other_selections, make_plan
from jobs.engine import documents
from jobs.engine.errors import LedgerError
from jobs.engine.job import Context, Job
from jobs.engine.labels import check_labels
from jobs.engine.ledger import Ledger
from jobs.engine.models import ModelFile
from jobs.engine.plan import Plan
from jobs.engine.source import readers, run_source
from jobs.extract.settings import Extract
from udfs.blocks.model import shipped_sha256
from udfs.documents.file_row import FileRange
from udfs.documents.schema import ROW_SCHEMA
from udfs.documents.worker import extract_files
from udfs.page.extractor import ExtractSettings
from udfs.page.gate import GateSettings
from udfs.page.page_kind import MODEL
from udfs.page.trees import sha256_of

RECORDS_A_TASK = 1000  # about 30 MB of gzipped WARC, and a minute of a core: smaller tasks leave a crawl in small files
TYPES = ("response", "resource", "conversion")  # the record types that become a document row
CAPTURES = " + ".join(["coalesce(not_found, 0L)", *(f"coalesce(records['{kind}'], 0L)" for kind in TYPES)])


def worker_settings(recipe: Extract, *, language_model: ModelFile | None) -> ExtractSettings:
    """Translate the recipe's [extract] to what the workers take; without a gate no model is needed."""
    gate = recipe.gate
    assert gate is None or language_model is not None
    return ExtractSettings(
        extractor=recipe.extractor,
        favor=recipe.favor,
        format=recipe.format,
        gate=GateSettings(**gate.model_dump(), language_model=language_model.path, language_sha256=language_model.sha256)
        if gate is not None and language_model is not None
        else None,
        max_cpu_s=recipe.max_cpu_s,
        max_wall_s=recipe.max_wall_s,
        max_memory_mb=recipe.max_memory_mb,
        max_page_bytes=recipe.max_page_mb << 20,
        max_record_bytes=2 * recipe.max_page_mb << 20,  # HTTP headers and encoded bodies may be longer than the page
    )


def decides(job: Job[Extract]) -> Any:
    """Return what decides a chunk's documents: the settings as the workers take them, the models they read, and the name of the dump."""
    made = worker_settings(job.settings, language_model=job.models.get("language"))
    gate = {key: value for key, value in vars(made.gate).items() if key != "language_model"} if made.gate is not None else None
    decisive = {key: value for key, value in vars(made).items() if key != "format"} | {"gate": gate}
    if made.extractor in ("blocks", "choice"):
        decisive |= {"format": made.format, "blocks": shipped_sha256(), "page_kinds": sha256_of(MODEL)}
    return [decisive, job.recipe.run.dump]


def plan(context: Context, again: bool) -> Plan:
    """Say which files a run reads."""
    settings: Extract = context.recipe.sections["extract"]
    return make_plan(context.root, context.recipe.run, settings.index_filter, again=again)


def check(job: Job[Extract]) -> None:
    """Refuse languages that the gate's model does not know, and a predicate that does not fit the index. Raises RecipeError."""
    gate, model = job.settings.gate, job.models.get("language")
    if gate is not None and model is not None:
        means = "the gate would drop every page in it"
        check_labels(gate.languages, model=model, where="[extract.gate] languages", means=means)
    if job.settings.index_filter is not None:
        check_index_filter(job.root.spark, job.settings.index_filter)


def run(job: Job[Extract]) -> Ledger:
    """Extract every unfinished chunk, and prove that no capture is missing."""
    if job.settings.index_filter is not None:
        forget_other_selections(job.root)

    def read(chunk: str, files: tuple[FileRange, ...], isolate: bool) -> DataFrame:
        return _read(job, chunk, files, isolate=isolate)

    found = run_source(job, read=read)
    _check_chosen(job)
    return found


def _read(job: Job[Extract], chunk: str, files: tuple[FileRange, ...], *, isolate: bool) -> DataFrame:
    """Return the rows of a chunk: documents, and files or ranges."""
    root, choice = job.root, job.settings.index_filter
    selected = documents.planned(root).get(chunk, {}).get("selected") if choice is not None else None
    settings = worker_settings(job.settings, language_model=job.models.get("language"))
    gap = int(choice.max_gap_mb * (1 << 20)) if choice is not None else 0
    worker = extract_files(files, settings=settings, dump=job.recipe.run.dump, gap_bytes=gap, isolate=isolate)
    _, most = readers(job.recipe.run)
    work = root.spark.range(0, len(files), 1, min(most, _tasks(files, cores=root.spark.sparkContext.defaultParallelism)))
    if selected is not None:
        work = with_records(work, root, files, key=selected)
    return work.mapInArrow(worker, from_arrow_schema(ROW_SCHEMA))


def _tasks(files: Sequence[FileRange], *, cores: int) -> int:
    """Say in how many tasks to read files: one a file, so that no more is lost with a task; files with few chosen records share."""
    chosen = [file.chosen for file in files if file.chosen is not None]
    return min(len(files), max(cores, sum(chosen) // RECORDS_A_TASK)) if chosen else len(files)


def _check_chosen(job: Job[Extract]) -> None:
    """Raise LedgerError if a file read by the index does not tell of exactly as many records as were chosen."""
    if job.settings.index_filter is None:
        return
    chosen = {
        (chunk, row["file_path"]): row["chosen"]
        for chunk, stored in documents.planned(job.root).items()
        for row in stored["files"]
        if row.get("chosen") is not None
    }
    told = F.expr("aggregate(map_values(records), 0L, (sum, n) -> sum + n) + coalesce(not_found, 0L)")
    rows = documents.files(job.root).where("outcome != 'failed'").select("chunk", "file_path", told.alias("told"))
    for row in rows.collect():
        wanted = chosen.get((row["chunk"], row["file_path"]))
        if wanted is not None and row["told"] != wanted:
            raise LedgerError(
                f"extract: of {row['file_path']} {wanted:,} records are chosen, and {row['told']:,} have told what became of them: the stage "
                f"is not finished. Run again with --from extract"
            )
