"""What every stage is given: the recipe, the root, the models, and a way to run chunks that resumes where a kill left off."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from jobs.models import ModelFile
from jobs.progress import Progress
from jobs.recipe import Recipe
from jobs.root import MARKER, Root


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
    root = context.root
    pending = [c for c in chunks if (root.chunk_marker(stage, c) or {}).get("fingerprint") != fingerprint]

    def one(chunk: str) -> None:
        root.spark.sparkContext.setJobGroup(stage, f"{stage} {chunk}")
        root.delete(f"{stage}/_chunks/{chunk}.json")
        began = time.monotonic()
        facts = work(chunk)
        seconds = round(time.monotonic() - began, 3)
        root.write_json(f"{stage}/_chunks/{chunk}.json", {"fingerprint": fingerprint, "seconds": seconds, **facts})

    if pending:
        root.delete(f"{stage}/{MARKER}")  # from here on the stage is not finished
    with (
        ThreadPoolExecutor(at_once) as pool,
        context.progress.stage(stage, chunks=len(chunks), done=len(chunks) - len(pending)) as bar,
    ):
        waiting: set[Future[None]] = {pool.submit(one, chunk) for chunk in pending}
        try:
            while waiting:
                finished, waiting = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in finished:
                    future.result()
                    bar.chunk_done()
                bar.tasks(root.spark)
        except BaseException:
            for future in waiting:
                future.cancel()
            root.spark.sparkContext.cancelJobGroup(stage)
            raise
    return len(pending)
