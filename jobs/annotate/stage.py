"""Annotate: measure every extracted document once; what is decided on the numbers can change for nothing."""

from dataclasses import replace
from itertools import islice
from typing import Any

from pyspark.sql.pandas.types import from_arrow_schema

from jobs.annotate import settings, vectors
from jobs.annotate.classifier_checks import check_classifiers
from jobs.annotate.settings import Annotate
from jobs.engine import signal_sets
from jobs.engine.chunks import run_chunks
from jobs.engine.errors import RecipeError
from jobs.engine.fingerprint import fingerprint, package_versions
from jobs.engine.job import Job
from jobs.engine.killed_workers import isolated_if_killed
from jobs.engine.ledger import Ledger, ledger, tally
from jobs.engine.models import ModelFile
from jobs.engine.stage import Otherwise
from udfs.models.list_file import ListFile, entries
from udfs.models.model_file import PREFIX
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotator import annotate
from udfs.signals.definition import Signal
from udfs.signals.perplexity import LanguageFiles, loaded
from udfs.signals.quality import QUALITY_SCORE, Classifier, signal_of
from udfs.signals.sets import BY_NAME, schema_of, set_name, set_of
from udfs.signals.text_labels import Labeller
from udfs.signals.text_labels import signal_of as label_of
from udfs.signals.url_facts import MAX_ENTRIES
from udfs.similarity.minhash import BackendError


def list_role(name: str) -> str:
    """Name a list among the stage's models: it is fetched, checked and sent to executors as they are."""
    return f"list {name}"


def worker_settings(job: Job[Annotate], *, sets: tuple[str, ...] = ()) -> AnnotateSettings:
    """Translate the recipe's [annotate] to what the workers take."""
    language, minhash = job.models["language"], job.settings.minhash
    faithful = job.settings.faithful
    found = AnnotateSettings(
        language_model=language.path,
        language_sha256=language.sha256,
        classifiers=tuple(_classifier(one, job.models[set_name(one.signal)]) for one in job.settings.quality),
        line_edits="refinedweb_faithful" if faithful and job.settings.line_edits == "refinedweb" else job.settings.line_edits,
        faithful=faithful,
        lists=tuple(
            ListFile(one.name, one.kind, job.models[list_role(one.name)].path, one.sha256, one.language)
            for one in job.settings.lists
        ),
        labellers=tuple(
            Labeller(one.signal, job.models[one.signal].path, job.models[one.signal].sha256) for one in job.settings.labels
        ),
        embedding=vectors.scheme(job),
        perplexity_models=_language_files(job),
        perplexity_faithful=job.settings.perplexity is not None and job.settings.perplexity.faithful,
        sets=sets,
    )
    if minhash is None:
        return found
    return replace(found, backend=minhash.backend, ngram=minhash.ngram, num_perm=minhash.num_perm, seed=minhash.seed)


def _language_files(job: Job[Annotate]) -> tuple[LanguageFiles, ...]:
    found = []
    for language in sorted(job.settings.perplexity.models) if job.settings.perplexity is not None else ():
        pieces, lm = job.models[f"pieces {language}"], job.models[f"lm {language}"]
        found.append(LanguageFiles(language, pieces.path, pieces.sha256, lm.path, lm.sha256))
    return tuple(found)


def models(settings: Annotate) -> dict[str, str]:
    """Name the models that the settings ask for, by role."""
    found = {"language": settings.language_model, **{set_name(one.signal): one.model for one in settings.quality}}
    for language, both in settings.perplexity.models.items() if settings.perplexity is not None else ():
        found |= {f"pieces {language}": both.pieces, f"lm {language}": both.lm}
    found |= {one.signal: one.model for one in settings.labels}
    found |= settings.embedding.models() if settings.embedding is not None else {}
    found |= {list_role(one.name): f"{one.uri}#sha256={one.sha256}" for one in settings.lists}
    return found


def _classifier(one: settings.Classifier, model: ModelFile) -> Classifier:
    return Classifier(one.signal, model.path, model.sha256, PREFIX + one.label.removeprefix(PREFIX))


def check(job: Job[Annotate]) -> None:
    """Refuse a label that its classifier does not have, models that cannot be read or run, a list that is empty or too long.

    Raises RecipeError.
    """
    for files in _language_files(job):
        try:
            loaded(files)
        except ImportError as error:
            raise RecipeError(
                f"[annotate.perplexity] needs the package {error.name}, which is not installed, so no perplexity could be measured; "
                f"nothing was run. Install it: pip install 'gristmill[perplexity]'"
            ) from None
        except (OSError, RuntimeError) as error:
            raise RecipeError(
                f"[annotate.perplexity] the models of {files.language!r} cannot be read ({error}); nothing was run. Name the .sp.model and "
                f".arpa.bin files that gristmill train-perplexity has written"
            ) from None
    check_classifiers(job)
    made = worker_settings(job)
    if not _embedded(job):
        vectors.check(made.embedding)
    for one in made.lists:
        count = sum(1 for _ in islice(entries(one), MAX_ENTRIES + 1))
        if not 0 < count <= MAX_ENTRIES:
            raise RecipeError(
                f"[[annotate.lists]] {one.name}: {one.path} has {'no entry' if not count else f'more than {MAX_ENTRIES:,} entries'} of kind "
                f"{one.kind}; nothing was run. {'Name the file itself, or correct kind' if not count else 'Split it'}"
            )
    for labeller in made.labellers:
        if labeller.of_vectors:
            vectors.check_labeller(labeller, made.embedding)


def _embedded(job: Job[Annotate]) -> bool:
    """Tell whether a finished run has made vectors by what the recipe names and the packages that are here: so they can be made."""
    if job.settings.embedding is None:
        return False
    made = (job.root.markers.stage(signal_sets.FOLDER) or {}).get("sets", {}).get("embedding")
    return made is not None and made == wanted(job)["embedding"]


def measures(settings: Annotate) -> tuple[Signal, ...]:
    """Return the signals that this recipe's classifiers and labellers add to those that every recipe knows."""
    scores = tuple(signal_of(one.signal) for one in settings.quality if one.signal != QUALITY_SCORE)
    return scores + tuple(label_of(one.signal) for one in settings.labels)


def sets_of(settings: Annotate) -> tuple[str, ...]:
    """Name the sets of signals that a recipe asks for."""
    scored = [*(set_name(one.signal) for one in settings.quality), *(one.signal for one in settings.labels)]
    asked = {
        "quality": "quality" in scored,
        "pii": settings.pii,
        "minhash": settings.minhash is not None,
        "perplexity": settings.perplexity is not None,
        "embedding": settings.embedding is not None,
    }
    asked |= {name: name in settings.signal_sets for name, one in BY_NAME.items() if one.asked}
    asked["rephrase_similarity"] = asked["embedding"] and asked["rephrase"]
    asked["refinedweb"] |= settings.line_edits == "refinedweb"  # its rules ask how much the line rules took
    return (*(name for name in BY_NAME if asked.get(name, True)), *(name for name in scored if name not in BY_NAME))


def wanted(job: Job[Annotate]) -> dict[str, str]:
    """Return the fingerprint of every set that the recipe asks for: what decides its numbers, and how its documents were made.

    Raises RecipeError if the backend of the signatures is not installed.
    """
    made, source = worker_settings(job), job.context.job(job.context.source).how()
    try:
        facts = vars(made) | {"scheme": made.scheme() if job.settings.minhash is not None else None}
        facts |= {"url_lists": made.url_lists(), "word_lists": made.word_lists()}
    except BackendError as error:
        raise RecipeError(f"{error}; nothing was run") from None
    shas = [[one.language, one.pieces_sha256, one.lm_sha256] for one in made.perplexity_models]
    facts["embedding_scheme"] = made.embedding.facts() if made.embedding is not None else None
    facts["perplexity_scheme"] = {"models": shas, "faithful": made.perplexity_faithful}
    scored = {set_name(c.signal): {"quality_sha256": c.sha256, "quality_label": c.label} for c in made.classifiers}
    scored |= {one.signal: {"label_sha256": one.sha256} for one in made.labellers}
    of_vectors = {one.signal for one in made.labellers if one.of_vectors}
    found = {}
    for name in sets_of(job.settings):
        one = set_of(name)
        packages = [*one.packages, *([made.backend] if name == "minhash" else [])]
        packages += vectors.packages(made.embedding) if "embedding_scheme" in one.settings or name in of_vectors else ()
        decides = {key: (facts | scored.get(name, {}))[key] for key in one.settings}
        if "line_edits" in one.settings and job.settings.line_edits == "refinedweb":
            rules = BY_NAME["refinedweb"]  # whose edits decide what this set sees
            packages, decides = [*packages, *rules.packages], decides | {"refinedweb": rules.revision}
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
    """Say in the stage's marker which sets count, and which model scores each signal of quality or names each label, and what the vectors are."""
    classifiers = {
        one.signal: {"model": one.model, "sha256": job.models[set_name(one.signal)].sha256, "label": one.label}
        for one in job.settings.quality
    }
    made = vectors.facts(vectors.scheme(job), model=job.settings.embedding)
    labels = {
        one.signal: {"model": asked.model, "sha256": one.sha256, "labels": list(one.names())}
        for asked, one in zip(job.settings.labels, worker_settings(job).labellers, strict=True)
    }
    more = {"classifiers": classifiers, "labels": labels, "embedding": made}
    return {"sets": wanted(job), **{name: one for name, one in more.items() if one}}


def _annotate_chunk(job: Job[Annotate], chunk: str, sets: dict[str, str]) -> dict[str, Any]:
    known = job.root.markers.chunks(signal_sets.FOLDER).get(chunk, {}).get("sets", {})
    todo = signal_sets.missing({"sets": known}, sets)
    name = signal_sets.pass_of(todo)
    reads = {column for one in todo for column in set_of(one).reads} | {"text"}
    documents = job.documents(chunk).where("outcome = 'extracted'").select("id", *sorted(reads))
    schema = from_arrow_schema(schema_of(todo))

    def write(isolate: bool) -> None:
        worker = annotate(worker_settings(job, sets=tuple(todo)), isolate=isolate)
        rows = documents.mapInArrow(worker, schema)
        rows.write.mode("overwrite").parquet(job.root.at(signal_sets.FOLDER, name, f"chunk={chunk}"))

    isolated_if_killed(job.context, write, what=f"chunk {chunk}: its pages are measured in a process of their own")
    return {"sets": known | {one: {"fingerprint": value, "pass": name} for one, value in todo.items()}}
