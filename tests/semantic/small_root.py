"""A root of documents with vectors, finished as far as dedup's decisions, so that a test begins at the semantic stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.engine.job import Context
from jobs.engine.models import ModelFile
from jobs.engine.progress import Progress
from jobs.engine.root import Root
from jobs.recipe.load import recipe_of, stages_of
from jobs.semantic.settings import Semantic
from jobs.semantic.stage import run
from tests.dedup.small_root import write_json, write_signals, write_table
from tests.labels_file import labels_file
from tests.runs import rows
from udfs.signals.sets import BY_NAME
from udfs.vectors.half import packed

MODEL = ModelFile(name="none", path=labels_file(("cc", "hq")), sha256="")


EMBEDDER = ModelFile(name="fast", path="/nowhere/fast.vectors.npz", sha256="")
FAST = {"model": "fast.vectors.npz"}


@dataclass(frozen=True)
class Doc:
    """One document that dedup kept; `vector` is None if there is none."""

    id: str
    vector: Sequence[float] | np.ndarray | None
    text: str = "some words"
    quality: float | None = None


def write_root(folder: Path, docs: Sequence[Doc], *, chunks: int = 1) -> None:
    """Write documents, signals and dedup's decisions, dealt to so many chunks."""
    signals = {}
    for number in range(chunks):
        chunk, mine = f"{number:05d}", docs[number::chunks]
        if not mine:
            continue
        ids = [doc.id for doc in mine]
        write_json(folder / f"documents/_chunks/{chunk}.json", {"fingerprint": "x", "failed_files": []})
        documents: dict[str, Any] = {"id": ids, "text": [doc.text for doc in mine], "url": ids, "file_path": ["f"] * len(mine)}
        documents |= {"offset": list(range(len(mine))), "outcome": ["extracted"] * len(mine)}
        write_table(folder / f"documents/chunk={chunk}/kind=document", pa.table(documents))
        vectors = [None if doc.vector is None else packed(np.array([doc.vector], dtype=np.float32))[0] for doc in mine]
        table = {"id": ids, "embedding": pa.array(vectors, pa.binary()), "error": pa.nulls(len(mine), pa.string())}
        signals[chunk] = pa.table(table | {"quality_score": pa.array([doc.quality for doc in mine], pa.float64())})
        write_table(folder / f"decisions/dedup/chunk={chunk}", pa.table({"id": ids, "outcome": ["kept"] * len(mine)}))
    write_signals(folder, signals)
    write_stage_marker(folder)


def write_stage_marker(folder: Path) -> None:
    """Say of the signals that a transformer made the vectors."""
    facts = {"stage": "annotate", "sets": {name: name for name in BY_NAME}, "embedding": {"model": "m", "teacher": None}}
    write_json(folder / "signals/_stage.json", facts)


def semantic(root: Root, settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Run the stage alone over a root, and return its decisions by id; the ledger balances."""
    job = context(root, settings).job(context(root, settings).stage("semantic"))
    assert isinstance(job.settings, Semantic)
    run(job).check("semantic")
    return {row["id"]: row for row in rows(Path(root.path), "decisions/semantic")}


def context(root: Root, settings: dict[str, Any], *, embedding: Mapping[str, Any] = FAST) -> Context:
    """Make what the stage is given; a fast model has made the vectors unless another is named."""
    sections = {"annotate": {"quality": [{"model": "none"}], "embedding": dict(embedding)}, "semantic": settings}
    recipe = recipe_of({"run": {"name": "small", "dump": "D", "input": ["/nowhere/small.warc.gz"]}, **sections})
    models = {"annotate": {"language": MODEL, "quality": MODEL, "embedding": EMBEDDER}}
    return Context(recipe=recipe, root=root, progress=Progress(quiet=True), stages=stages_of(recipe), models=models)
