"""Draw a sample of a corpus's texts by a hash of each: neither the order of files nor how a corpus is cut into them shows in it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine.corpus_plan import list_inputs, split_corpus
from jobs.engine.errors import RefusedError
from jobs.engine.small_table import small_table
from jobs.tokenizer.reservoir import Reservoir, Text
from jobs.tokenizer.settings import TokenizerSettings
from jobs.tokenizer.shares import Shares
from udfs.corpus.columns import CorpusColumns
from udfs.corpus.worker import ReadFiles
from udfs.documents.file_row import FileRange
from udfs.tokens.drawn_texts import FILES, SIZES, TEXTS, Drawing, Group, SizesOfTexts, TextsOfSteps

TASKS = 1_000  # of a pass, and four a core on more than 250 cores; a task costs some 20 ms, however small its files are
MEGABYTE = 1 << 20
READER = ReadFiles((), "", CorpusColumns(id=(), url=(), date=()))  # nobody asks where a text of the sample comes from

Sizes = Mapping[Group, Mapping[int, int]]  # bytes by step (drawn_texts.step_of)


@dataclass(frozen=True)
class Sample:
    """Hold the texts to learn from and those held out, both by hash."""

    learned: tuple[Text, ...]
    held: tuple[Text, ...]
    shares: Mapping[str, tuple[int, int]]  # bytes to learn from by value of the column, found and wanted
    failed: tuple[str, ...]  # files that could not be read, and why


def draw(spark: SparkSession, corpus: Sequence[str], *, settings: TokenizerSettings, shares: Shares) -> Sample:
    """Draw some `sample_mb` of text to learn from, and of those held out the share `holdout` of that.

    Workers read the corpus twice. First they count bytes in 2,080 steps of the hash, and Spark sums them up: a row a step and group
    reaches the driver. Then they give out the texts of as many steps as fill the reservoirs, at most a step more, each text once.
    Where many texts stand twice that is too little, and they read again for more. So the sample is exact, and the driver holds the
    list of files and the sample, whatever the corpus has. It lists the corpus by one request for 1,000 files.

    A text is held out by its hash, so that it never is in the other half. Files that cannot be read are left out, and told. Raises
    RefusedError for a corpus that has no text, LocationError for one that is not there.
    """
    files = tuple(part for file in list_inputs(corpus) for part in split_corpus(FileRange(file, 0), megabytes=0.0))
    of = shares.of if shares.column is not None else {"": 1.0}
    drawing = Drawing(settings.seed, settings.holdout, shares.column, frozenset(of))
    sizes, failed = _sizes(spark, files, drawing)
    good = tuple(file for number, file in enumerate(files) if number not in failed)
    size = settings.sample_mb * MEGABYTE
    limits = {Group(False, name): int(size * share) for name, share in of.items()}
    limits |= {Group(True, name): int(size * share * settings.holdout) for name, share in of.items()}
    found = _gather(spark, good, drawing, sizes, limits)
    drawn = Sample(
        learned=_texts(found, held=False),
        held=_texts(found, held=True),
        shares={name: (found[Group(False, name)].bytes, limits[Group(False, name)]) for name in of},
        failed=tuple(failed.values()),
    )
    if not drawn.learned:
        why = f" No file could be read, such as {drawn.failed[0]}" if failed and not good else ""
        raise RefusedError(
            f"the corpus has no text to learn from, or none of the shares that were asked for, so nothing was trained. Name other files.{why}"
        )
    return drawn


def _gather(
    spark: SparkSession, files: tuple[FileRange, ...], drawing: Drawing, sizes: Sizes, limits: Mapping[Group, int]
) -> dict[Group, Reservoir]:
    """Fill the reservoirs, and read further steps for those that texts which stand twice have left short."""
    asked = dict(limits)
    found = {group: Reservoir(limit) for group, limit in limits.items()}
    short = [group for group in limits if group in sizes]
    while short:
        least = {group: least_step(sizes[group], asked[group]) for group in short}
        rows = _work(spark, files, TextsOfSteps(READER, drawing, least), TEXTS).dropDuplicates()
        for row in rows.toLocalIterator():
            if row["failed"] is not None:
                raise RefusedError(
                    f"{row['failed']}. It could be read a moment ago, so nothing was trained. Run the command again"
                )
            group, offset = drawing.place(row["text"], row["stratum"])
            found[group].offer(offset, Text(row["text"], row["language"]))
        short = [group for group in short if least[group] and found[group].bytes < limits[group]]
        asked |= {group: 2 * asked[group] for group in short}
    return found


def _sizes(spark: SparkSession, files: tuple[FileRange, ...], drawing: Drawing) -> tuple[Sizes, dict[int, str]]:
    """Return the bytes of each group by step, and the numbers of files that cannot be read with what is wrong."""
    rows = _work(spark, files, SizesOfTexts(READER, drawing), SIZES)
    sums = rows.groupBy("held", "stratum", "step", "file", "failed").agg(F.sum("bytes").alias("bytes"))
    sizes: dict[Group, dict[int, int]] = defaultdict(dict)
    failed: dict[int, str] = {}
    for row in sums.collect():
        if row["failed"] is not None:
            failed[row["file"]] = row["failed"]
        else:
            sizes[Group(row["held"], row["stratum"])][row["step"]] = row["bytes"]
    return sizes, dict(sorted(failed.items()))


def least_step(sizes: Mapping[int, int], wanted: int) -> int:
    """Return the step down to which, from the smallest hashes on, there are so many bytes; 0 if there are fewer in all.

    >>> least_step({7: 10, 5: 10, 2: 10}, 15), least_step({7: 10, 5: 10, 2: 10}, 31)
    (5, 0)
    """
    total = 0
    for step in sorted(sizes, reverse=True):
        total += sizes[step]
        if total >= wanted:
            return step
    return 0


def _work(
    spark: SparkSession, files: tuple[FileRange, ...], worker: SizesOfTexts | TextsOfSteps, schema: pa.Schema
) -> DataFrame:
    rows = [(number, file.file_path, file.start, file.end) for number, file in enumerate(files)]
    tasks = min(len(files), max(TASKS, 4 * spark.sparkContext.defaultParallelism))
    work = small_table(spark, rows, from_arrow_schema(FILES)).repartition(max(1, tasks))
    return work.mapInArrow(worker, from_arrow_schema(schema))


def _texts(found: Mapping[Group, Reservoir], *, held: bool) -> tuple[Text, ...]:
    wanted: Iterable[Reservoir] = (reservoir for group, reservoir in found.items() if group.held is held)
    return tuple(text for reservoir in wanted for text in reservoir.texts())
