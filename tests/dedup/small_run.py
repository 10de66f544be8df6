"""What a run's stages are given over a root made by hand, and such a root that is finished up to a stage, so that a run begins there."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import xxhash

from jobs.annotate import STAGE as ANNOTATE
from jobs.annotate.stage import wanted
from jobs.engine.job import Context
from jobs.engine.models import ModelFile
from jobs.engine.progress import Progress
from jobs.engine.root import Root
from jobs.engine.runner import run_stages
from jobs.recipe.load import recipe_of, stages_of
from jobs.recipe.recipe import Recipe
from tests.dedup.oracle import MINHASH, SETTINGS
from tests.dedup.small_root import CHUNK, PASS, Doc, write_root, write_table
from tests.labels_file import labels_file
from udfs.documents.file_row import FileRange

MODEL = ModelFile(name="none", path=labels_file(("cc", "hq")), sha256="")
INPUT = "/nowhere/small.warc.gz"  # planned and read, as the root says


def recipe(*, dump: str = "D", **sections: Any) -> Recipe:
    """Make a recipe of these sections."""
    return recipe_of({"run": {"name": "small", "dump": dump, "input": [INPUT]}, **sections})


def dedup_recipe(*, dump: str = "D", **dedup: Any) -> Recipe:
    """Make a recipe whose dedup is that of the oracle, with other keys of [dedup]."""
    minhash = MINHASH.model_dump(include={"ngram", "bands", "rows"})
    settings = SETTINGS.model_dump(exclude={"alarm"}) | dedup
    return recipe(dump=dump, annotate={"quality": [{"model": "none"}], "minhash": minhash}, dedup=settings)


def context(root: Root, given: Recipe, *, language: ModelFile = MODEL) -> Context:
    """Make what the stages of a run are given."""
    models = {"annotate": {"language": language, "quality": MODEL}}
    return Context(recipe=given, root=root, progress=Progress(quiet=True), stages=stages_of(given), models=models)


def write_decided(context: Context, docs: Sequence[Doc]) -> None:
    """Write a root of which all is finished but dedup and what comes after it."""
    write_root(Path(context.root.path), docs, num_perm=MINHASH.num_perm, ngram=MINHASH.ngram)
    finish_before(context, "dedup", ids=[doc.id for doc in docs])


def finish_before(context: Context, name: str, *, ids: Sequence[str]) -> None:
    """Say of the stages before this one that they are finished, and kept all documents, as their markers would."""
    root = context.root
    root.write_json(f"plan/{CHUNK}.json", {"files": [asdict(FileRange(INPUT, 0))]})
    # Spark's xxhash64 has the seed 42 and is signed
    total = sum((xxhash.xxh64_intdigest(id_.encode(), seed=42) + 2**63) % 2**64 - 2**63 for id_ in ids)
    ledger = {"in": len(ids), "in_id_sum": str(total), "kept": len(ids), "kept_id_sum": str(total), "dropped": {}, "failed": {}}
    for stage in context.stages[: [stage.name for stage in context.stages].index(name)]:
        job, facts = context.job(stage), {}
        if stage.source is not None:
            chunk = {"fingerprint": job.how(), "failed_files": [], "pages": len(ids), "kept": len(ids)}
            root.markers.write_chunk(stage.folder, CHUNK, chunk)
        if stage.name == ANNOTATE.name:
            facts = {"sets": wanted(context.job(ANNOTATE))}
            there = {name: {"fingerprint": value, "pass": PASS} for name, value in facts["sets"].items()}
            root.markers.write_chunk(stage.folder, CHUNK, {"sets": there, "pages": len(ids)})
        marker = {"stage": stage.name, "fingerprint": job.key(), "how": job.how(), "ledger": ledger, **facts}
        root.markers.write_stage(stage.folder, marker)


def run_dedup(context: Context) -> dict[str, Any]:
    """Run dedup as a run with --only would, and return its marker."""
    return run_stages(context, only="dedup")["dedup"]


def write_corpus(context: Context, ids: Iterable[str]) -> None:
    """Write the product as far as the index reads it."""
    write_table(
        Path(context.root.path) / f"corpus/dump={context.recipe.run.dump}", pa.table({"id": pa.array(ids, pa.string())})
    )
