"""Annotate: measure every extracted document once; what is decided on the numbers can change for nothing."""

from typing import Any

from pyspark.sql.pandas.types import from_arrow_schema

from jobs.annotate import settings
from jobs.annotate.settings import Annotate
from jobs.engine import signal_sets
from jobs.engine.chunks import run_chunks
from jobs.engine.errors import RecipeError
from jobs.engine.fingerprint import fingerprint, package_versions
from jobs.engine.job import Job
from jobs.engine.killed_workers import isolated_if_killed
from jobs.engine.labels import check_labels
from jobs.engine.ledger import Ledger, ledger, tally
from jobs.engine.models import ModelFile
from jobs.engine.stage import Otherwise
from udfs.models.model_file import PREFIX
from udfs.models.ridge import SUFFIX
from udfs.signals.annotator import AnnotateSettings, annotate
from udfs.signals.definition import Signal
from udfs.signals.quality import QUALITY_SCORE, Classifier, signal_of
from udfs.signals.sets import BY_NAME, schema_of, set_name, set_of
from udfs.similarity.minhash import BackendError


def worker_settings(job: Job[Annotate], *, sets: tuple[str, ...] = ()) -> AnnotateSettings:
    """Translate the recipe's [annotate] to what the workers take."""
    language, minhash = job.models["language"], job.settings.minhash
    found = AnnotateSettings(
        language_model=language.path,
        language_sha256=language.sha256,
        classifiers=tuple(_classifier(one, job.models[set_name(one.signal)]) for one in job.settings.quality),
        line_edits=job.settings.line_edits,
        sets=sets,
    )
    if minhash is None:
        return found
    return AnnotateSettings(
        **vars(found) | {"backend": minhash.backend, "ngram": minhash.ngram, "num_perm": minhash.num_perm, "seed": minhash.seed}
    )


def _classifier(one: settings.Classifier, model: ModelFile) -> Classifier:
    return Classifier(one.signal, model.path, model.sha256, PREFIX + one.label.removeprefix(PREFIX))


def check(job: Job[Annotate]) -> None:
    """Refuse a label that its classifier does not have. Raises RecipeError."""
    for one in job.settings.quality:
        if job.models[set_name(one.signal)].path.endswith(SUFFIX):
            continue  # a regression has no labels
        means, where = f"no page would have a {one.signal}", f"[[annotate.quality]] {one.signal}: label"
        check_labels([one.label.removeprefix(PREFIX)], model=job.models[set_name(one.signal)], where=where, means=means)


def measures(settings: Annotate) -> tuple[Signal, ...]:
    """Return the signals that this recipe's classifiers add to those that every recipe knows."""
    return tuple(signal_of(one.signal) for one in settings.quality if one.signal != QUALITY_SCORE)


def sets_of(settings: Annotate) -> tuple[str, ...]:
    """Name the sets of signals that a recipe asks for."""
    scored = [set_name(one.signal) for one in settings.quality]
    asked = {"quality": "quality" in scored, "pii": settings.pii, "minhash": settings.minhash is not None}
    return (*(name for name in BY_NAME if asked.get(name, True)), *(name for name in scored if name not in BY_NAME))


def wanted(job: Job[Annotate]) -> dict[str, str]:
    """Return the fingerprint of every set that the recipe asks for: what decides its numbers, and how its documents were made.

    Raises RecipeError if the backend of the signatures is not installed.
    """
    made, source = worker_settings(job), job.context.job(job.context.source).how()
    try:
        facts = vars(made) | {"scheme": made.scheme() if job.settings.minhash is not None else None}
    except BackendError as error:
        raise RecipeError(f"{error}; nothing was run") from None
    scored = {set_name(c.signal): {"quality_sha256": c.sha256, "quality_label": c.label} for c in made.classifiers}
    found = {}
    for name in sets_of(job.settings):
        one = set_of(name)
        packages = [*one.packages, *([made.backend] if name == "minhash" else [])]
        decides = {key: (facts | scored.get(name, {}))[key] for key in one.settings}
        found[name] = job.accepted(fingerprint(name, one.revision, decides, package_versions(packages), source))
    return found


def costly(job: Job[Annotate]) -> Otherwise:
    """Return the chunks that hold a wanted set under another fingerprint, and what --accept would take over."""
    sets, chunks = wanted(job), []
    stands_for: dict[str, str] = {}
    for chunk, marker in job.root.markers.chunks(signal_sets.FOLDER).items():
        there = {name: one["fingerprint"] for name, one in marker.get("sets", {}).items() if name in sets}
        other = {sets[name]: was for name, was in there.items() if was != sets[name]}
        if other:
            chunks.append(chunk)
            stands_for |= other
    return chunks, stands_for


def run(job: Job[Annotate]) -> Ledger:
    """Measure the sets that are missing in every chunk, and prove that every extracted document has its row in each."""
    sets, root = wanted(job), job.root
    run_chunks(
        job.context,
        folder=signal_sets.FOLDER,
        fingerprints=dict.fromkeys(job.chunks(), fingerprint(sets)),
        work=lambda chunk: _annotate_chunk(job, chunk, sets),
        at_once=job.recipe.run.chunks_at_once,
        done=lambda chunk, marker: not signal_sets.missing(marker, sets),
    )
    came = tally(job.documents().where("outcome = 'extracted'"))
    measured = signal_sets.signals(root, (), wanted=sets)
    outcomes = measured.selectExpr(
        "id", "if(error IS NULL, 'measured', 'failed') AS outcome", "if(error IS NULL, NULL, 'annotate_error') AS reason"
    )
    return ledger(came=came, decisions=outcomes, kept="measured")


def facts(job: Job[Annotate]) -> dict[str, Any]:
    """Say in the stage's marker which sets count, and which model scores each signal of quality."""
    classifiers = {
        one.signal: {"model": one.model, "sha256": job.models[set_name(one.signal)].sha256, "label": one.label}
        for one in job.settings.quality
    }
    return {"sets": wanted(job), **({"classifiers": classifiers} if classifiers else {})}


def _annotate_chunk(job: Job[Annotate], chunk: str, sets: dict[str, str]) -> dict[str, Any]:
    known = job.root.markers.chunks(signal_sets.FOLDER).get(chunk, {}).get("sets", {})
    todo = signal_sets.missing({"sets": known}, sets)
    name = signal_sets.pass_of(todo)
    documents = job.documents(chunk).where("outcome = 'extracted'").select("id", "text")
    schema = from_arrow_schema(schema_of(todo))

    def write(isolate: bool) -> None:
        worker = annotate(worker_settings(job, sets=tuple(todo)), isolate=isolate)
        rows = documents.mapInArrow(worker, schema)
        rows.write.mode("overwrite").parquet(job.root.at(signal_sets.FOLDER, name, f"chunk={chunk}"))

    isolated_if_killed(job.context, write, what=f"chunk {chunk}: its pages are measured in a process of their own")
    return {"sets": known | {one: {"fingerprint": value, "pass": name} for one, value in todo.items()}}
