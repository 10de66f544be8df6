"""Count every document of the corpora, and decide once how each corpus is drawn. What is worked out lies in mix/<fingerprint>/."""

from dataclasses import asdict, dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine import documents
from jobs.engine.chunks import run_chunks
from jobs.engine.errors import RecipeError
from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Job
from jobs.engine.killed_workers import isolated_if_killed
from jobs.engine.source import readers
from jobs.engine.tokenizer_file import TOKENIZER, tokenizer_models, vocabulary_of
from jobs.mix.cuts import draws, sizes_of
from jobs.mix.settings import Mix
from jobs.mix.targets import Size, targets
from jobs.recipe.recipe import Recipe
from udfs.corpus.columns import CorpusColumns
from udfs.corpus.worker import ReadFiles
from udfs.documents.file_row import FileRange
from udfs.mix.counter import COUNTED, Counter
from udfs.mix.draw import Draw
from udfs.mix.worker import COPIES, COUNT_ROWS, CountFiles

FOLDER = "mix"
SHOWN = 3


@dataclass(frozen=True)
class Decided:
    """Say of each corpus how large it is, what it should have, and how it is drawn."""

    sizes: dict[str, Size]
    wanted: dict[str, int]
    draws: dict[str, Draw]


def folder_of(job: Job[Mix]) -> str:
    """Name the folder of what the stage works out, after the fingerprint of how it works."""
    return f"{FOLDER}/{fingerprint(job.how())}"


def decided(job: Job[Mix]) -> Decided:
    """Return how the corpora are drawn: worked out once, after each document was counted. Raises RecipeError."""
    path = f"{folder_of(job)}/draws.json"
    stored = job.root.read_json(path)
    if stored is None:
        _count(job)
        stored = _worked_out(job)
        job.root.write_json(path, stored)
    found = {
        name: Draw(name, job.settings.seed, one["whole"], (one["cut"][0], one["cut"][1]), one["more"])
        for name, one in stored["draws"].items()
    }
    return Decided({name: Size(**size) for name, size in stored["sizes"].items()}, stored["wanted"], found)


def counted(job: Job[Mix]) -> DataFrame:
    """Read what was counted: COUNT_ROWS without failed files."""
    folder, types = f"{folder_of(job)}/counted", from_arrow_schema(COUNT_ROWS)
    chunks = [f"{folder}/chunk={chunk}" for chunk in job.root.markers.chunks(folder)]
    return job.root.folders(chunks, schema=types, base=folder).drop("failed", "chunk")


def reader(job: Job[Mix], files: tuple[FileRange, ...], *, isolate: bool = False) -> ReadFiles:
    """Return what reads the files, with the columns that say tokens, copies and where a document belongs."""
    settings = job.settings
    names = tuple(dict.fromkeys(name for name in (COUNTED, COPIES, *settings.by) if name not in settings.carry))
    plain = settings.columns()
    columns = CorpusColumns(plain.text, plain.id, plain.url, plain.date, plain.language, plain.dump, plain.carry, welcome=names)
    return ReadFiles(files, job.recipe.run.dump, columns, max_row_bytes=settings.max_row_mb << 20, isolate=isolate)


def counter(job: Job[Mix]) -> Counter:
    """Return what counts tokens."""
    if job.settings.count == "column":
        return Counter()
    pack: Any = job.recipe.sections["pack"]
    words = vocabulary_of(job.models.get(TOKENIZER), pattern=pack.pattern)
    return Counter(words, special=sum(token is not None for token in (pack.bos, pack.eos)))


def models(settings: Mix, recipe: Recipe) -> dict[str, str]:
    """Name the tokenizer's file, if one counts."""
    pack: Any = recipe.sections.get("pack")
    return {} if settings.count == "column" or pack is None else tokenizer_models(pack.tokenizer)


def _count(job: Job[Mix]) -> None:
    """Write the counts of each chunk of the plan that has none. A file that a later chunk reads again is counted once."""
    plan, seen = documents.planned(job.root), set[str]()
    files: dict[str, tuple[FileRange, ...]] = {}
    for chunk, stored in plan.items():
        files[chunk] = tuple(FileRange(**row) for row in stored["files"] if row["file_path"] not in seen)
        seen.update(part.file_path for part in files[chunk])
    folder, how = f"{folder_of(job)}/counted", job.how()
    run_chunks(
        job.context,
        folder=folder,
        fingerprints=dict.fromkeys(files, how),
        work=lambda chunk: isolated_if_killed(
            job.context,
            lambda isolate: _count_chunk(job, chunk, files[chunk], isolate),
            what=f"chunk {chunk}: it is counted again",
        ),
        at_once=readers(job.recipe.run)[0],
    )
    _check_ids(counted(job))


def _count_chunk(job: Job[Mix], chunk: str, files: tuple[FileRange, ...], isolate: bool) -> dict[str, Any]:
    """Count the documents of a chunk. Raises RecipeError for a file that cannot be read: the shares would be others."""
    root, folder = job.root, f"{folder_of(job)}/counted"
    _, most = readers(job.recipe.run)
    work = root.spark.range(0, len(files), 1, max(1, min(most, len(files))))
    worker = CountFiles(reader(job, files, isolate=isolate), counter(job), job.settings.seed, job.settings.by)
    path = root.at(f"{folder}/chunk={chunk}")
    work.mapInArrow(worker, from_arrow_schema(COUNT_ROWS)).write.mode("overwrite").parquet(path)
    rows = root.folders([f"{folder}/chunk={chunk}"], schema=from_arrow_schema(COUNT_ROWS))
    failed = [str(row["failed"]) for row in rows.where("failed IS NOT NULL").select("failed").limit(SHOWN).collect()]
    if failed:
        raise RecipeError(
            "[mix] a file of a corpus cannot be read, so the shares of the mix would be others; nothing was mixed.\n  "
            + "\n  ".join(failed)
            + "\nMend it or take it out of the corpus, and run the same command again: what is counted stays"
        )
    return {"pages": rows.where("id IS NOT NULL").count()}


def _check_ids(rows: DataFrame) -> None:
    """Raise RecipeError if two documents have one id. Hashes of eight bytes are grouped, and only suspects are compared in full."""
    hashed = rows.select("corpus", "id", F.xxhash64("id").alias("hash"))
    suspects = hashed.groupBy("hash").agg(F.count("*").alias("n")).where("n > 1").select("hash")
    again = hashed.join(suspects, on="hash", how="left_semi").groupBy("id")
    twice = again.agg(F.count("*").alias("n"), F.sort_array(F.collect_set("corpus")).alias("of")).where("n > 1").orderBy("id")
    found = [f"{row['id']} ({', '.join(row['of'])})" for row in twice.limit(SHOWN).collect()]
    if found:
        raise RecipeError(
            f"[mix] ids stand more than once, such as {'; '.join(found)}: nobody could tell such documents apart, so nothing was mixed. If "
            f"one corpus is part of another, name the larger alone; if a corpus repeats its ids, read it by a recipe with [read] first"
        )


def _worked_out(job: Job[Mix]) -> dict[str, Any]:
    rows = counted(job)
    sizes = sizes_of(rows, [one.name for one in job.settings.corpora])
    wanted = targets(job.settings, sizes, (job.pinned or {}).get("weights"))
    by_weight = [one.name for one in job.settings.corpora if one.epochs is None]
    found = draws(rows, wanted, seed=job.settings.seed, handed_on=by_weight)
    return {
        "sizes": {name: asdict(size) for name, size in sizes.items()},
        "wanted": wanted,
        "draws": {name: {"whole": one.whole, "cut": list(one.cut), "more": dict(one.more)} for name, one in found.items()},
    }
