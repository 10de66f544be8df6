"""Runs the chunks of a stage so that a kill costs those in flight and no others."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from typing import Any
from uuid import uuid4

from jobs.engine import documents
from jobs.engine.job import Context
from jobs.engine.progress import name_jobs, step_of


def run_chunks(
    context: Context,
    *,
    folder: str,
    fingerprints: Mapping[str, str],
    work: Callable[[str], dict[str, Any]],
    at_once: int = 1,
    done: Callable[[str, dict[str, Any]], bool] | None = None,
) -> int:
    """Run `work` for each chunk that is not finished under its fingerprint, and mark each when it is; return how many ran.

    `folder` is that of the table. `done` judges a marker otherwise than by its fingerprint: by what the chunk has so far, to which
    `work` adds, so such a marker stays there while the chunk is worked on. A chunk's job writes to a folder of its own, and its marker
    comes last, so whatever moment the driver dies at, the next run repeats the chunks that were in flight and no others. Several
    chunks run side by side because the last task of a chunk would leave the rest of the cluster idle.

    A chunk costs the store one request, that of its marker, and one more to take an outdated marker away.
    """
    root, spark = context.root, context.root.spark.sparkContext
    known = root.markers.chunks(folder)

    def is_done(chunk: str) -> bool:
        marker = known.get(chunk)
        if marker is None:
            return False
        return done(chunk, marker) if done is not None else marker.get("fingerprint") == fingerprints[chunk]

    pending = [chunk for chunk in fingerprints if not is_done(chunk)]
    group = spark.getLocalProperty("spark.jobGroup.id") or folder
    tag = f"chunks-{uuid4().hex}"  # other chunks may run in a group of that name, and a failure here is none of theirs

    def one(chunk: str) -> dict[str, Any]:
        name_jobs(spark, group, step=f"{step_of(folder)} chunk {chunk}".lstrip())
        spark.addJobTag(tag)
        if done is None:
            root.markers.forget_chunks(folder, [chunk])
        began = time.monotonic()
        facts = work(chunk)
        seconds = round(time.monotonic() - began, 3)
        if context.lease is not None:
            context.lease.check()
        root.markers.write_chunk(folder, chunk, {"fingerprint": fingerprints[chunk], "seconds": seconds, **facts})
        return facts if "pages" in facts else facts | {"pages": _extracted(context, chunk)}

    if pending and root.markers.stage(folder) is not None:
        root.markers.forget_stage(folder)  # from here on the stage is not finished
    counts = context.progress.now
    counts.start_chunks(len(fingerprints), done=len(fingerprints) - len(pending))
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


def _extracted(context: Context, chunk: str) -> int:
    """Return how many pages the source kept of a chunk: those that a stage after it finds there."""
    return int(documents.finished(context.root).get(chunk, {}).get("kept", 0))
