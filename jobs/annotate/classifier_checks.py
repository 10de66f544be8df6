"""What [annotate] asks of its classifiers: that they are some, and that the languages which it names are labels of its language model."""

from jobs.annotate.settings import Annotate, Classifier
from jobs.engine.errors import RecipeError
from jobs.engine.job import Job
from jobs.engine.labels import check_labels
from udfs.models.model_file import OTHERS, PREFIX
from udfs.models.ridge import SUFFIX
from udfs.signals.sets import set_name


def check_classifiers(job: Job[Annotate]) -> None:
    """Raise RecipeError for a model of another kind, and for a label or a language that a model does not have."""
    model, settings = job.models["language"], job.settings
    _check_kind("[annotate] language_model", model.path, (*OTHERS, SUFFIX))
    for one in settings.quality:
        _check_kind(f"[[annotate.quality]] {one.signal}: model", job.models[set_name(one.signal)].path, OTHERS)
        _check_label(job, one)
    if settings.perplexity is not None:
        named, means = settings.perplexity.models, "no page would have that perplexity"
        check_labels(named, model=model, where="[annotate.perplexity.models]", means=means)
    for words in settings.lists:
        if words.language is not None:
            where = f"[[annotate.lists]] {words.name}: language"
            check_labels([words.language], model=model, where=where, means="no text would be searched for its words")


def _check_label(job: Job[Annotate], one: Classifier) -> None:
    model = job.models[set_name(one.signal)]
    if not model.path.endswith(SUFFIX):  # a regression has no labels
        where, means = f"[[annotate.quality]] {one.signal}: label", f"no page would have a {one.signal}"
        check_labels([one.label.removeprefix(PREFIX)], model=model, where=where, means=means)


def _check_kind(where: str, path: str, others: tuple[str, ...]) -> None:
    if path.endswith(others):
        raise RecipeError(
            f"{where}: {path} is a model of another kind, by the end of its name, so it would label no text; nothing was run. Name a "
            "fastText classifier, a .bin or .ftz file"
        )
