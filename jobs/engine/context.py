"""What every stage is given: the recipe, the root, the models, and a way to run chunks that resumes where a kill left off."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from jobs.engine.models import ModelFile
from jobs.engine.progress import Progress, name_jobs, step_of
from jobs.engine.root import MARKER, Root
from jobs.recipe.load import Recipe


@dataclass(frozen=True)
class Context:
    """Carry what the stages of one run share."""

    recipe: Recipe
    root: Root
    progress: Progress
    language_model: ModelFile
    quality_model: ModelFile | None


def run_chunks(
    context: Context,
    *,
    stage: str,
    fingerprint: str,
    chunks: Sequence[str],
    work: Callable[[str], dict[str, Any]],
    at_once: int = 1,
) -> int:
    """Run `work` for each chunk that is not finished under this fingerprint, and mark each when it is; return how many ran.

    A chunk's job writes to a folder of its own, and its marker comes last, so whatever moment the driver dies at, the next run
    repeats the chunks that were in flight and no others. Several chunks run side by side because the last task of a chunk would
    leave the rest of the cluster idle.
    """
    root, spark = context.root, context.root.spark.sparkContext
    pending = [c for c in chunks if (root.chunk_marker(stage, c) or {}).get("fingerprint") != fingerprint]
    group = spark.getLocalProperty("spark.jobGroup.id") or stage
    tag = f"chunks-{uuid4().hex}"  # other chunks may run in a group of that name, and a failure here is none of theirs

    def one(chunk: str) -> dict[str, Any]:
        name_jobs(spark, group, step=f"{step_of(stage)} chunk {chunk}".lstrip())
        spark.addJobTag(tag)
        root.delete(f"{stage}/_chunks/{chunk}.json")
        began = time.monotonic()
        facts = work(chunk)
        seconds = round(time.monotonic() - began, 3)
        root.write_json(f"{stage}/_chunks/{chunk}.json", {"fingerprint": fingerprint, "seconds": seconds, **facts})
        return facts if "pages" in facts else facts | {"pages": _extracted(root, chunk)}

    if pending:
        root.delete(f"{stage}/{MARKER}")  # from here on the stage is not finished
    counts = context.progress.now
    counts.start_chunks(len(chunks), done=len(chunks) - len(pending))
    with ThreadPoolExecutor(at_once) as pool:
        waiting = [pool.submit(one, chunk) for chunk in pending]
        try:
            for future in as_completed(waiting):
                facts = future.result()
                counts.chunk_done(pages=facts["pages"], kept=facts.get("kept"))
        except BaseException:
            running = [future for future in waiting if not future.cancel()]
            while wait(running, timeout=1).not_done:  # time and again: a chunk may be between two jobs
                spark.cancelJobsWithTag(tag)
            raise
    return len(pending)


def _extracted(root: Root, chunk: str) -> int:
    """Return how many pages extract kept of a chunk: those that a stage after it finds there."""
    return int((root.chunk_marker("documents", chunk) or {}).get("kept", 0))
