"""The command `gristmill train-vectors`: a fast embedder from texts, taught by a transformer."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.fast_vectors.settings import FastSettings, VectorsTrainError
from udfs.vectors.agreement import Agreement, too_weak
from udfs.vectors.scheme import FAST, MINILM, WEIGHTS, EmbeddingScheme

if TYPE_CHECKING:
    from udfs.signals.language import LanguageModel


def train_vectors(
    corpus: Annotated[
        list[str],
        typer.Argument(help="Parquet or JSONL with a column text, .txt with a text a line, or folders.", show_default=False),
    ],
    out: Annotated[Path, typer.Option("--out", help=f"The model to write, named *{FAST}.", show_default=False)],
    held_out: Annotated[
        list[str] | None, typer.Option("--held-out", help="Texts to measure with, of other sites; none: a share of the corpus.")
    ] = None,
    teacher: Annotated[str, typer.Option(help="The transformer: MiniLM, or an ONNX graph.")] = f"{MINILM}{WEIGHTS}",
    tokenizer: Annotated[str | None, typer.Option(help="The tokenizer.json of an ONNX graph.", show_default=False)] = None,
    max_tokens: Annotated[int, typer.Option(min=8, help="Word pieces of a text that make its vector.")] = 256,
    documents: Annotated[int, typer.Option(min=1, help="Most documents to learn from.")] = FastSettings.documents,
    windows: Annotated[int, typer.Option(min=1, help="Most windows of a document to learn from.")] = FastSettings.windows,
    steps: Annotated[int, typer.Option(min=1, help="Most steps of the regression.")] = FastSettings.steps,
    holdout: Annotated[float, typer.Option(help="Share of documents held out to measure with.")] = FastSettings.holdout,
    seed: Annotated[int, typer.Option(help="Decides which documents are taken, and what is held out.")] = FastSettings.seed,
) -> None:
    """Train the fast model of [annotate.embedding], and say how well it agrees with its teacher on text that it has not seen."""
    from jobs.fast_vectors.train import Sources, train  # SciPy, which the other commands do without

    if not 0 <= holdout < 1:
        raise VectorsTrainError(
            f"--holdout {holdout:g} is no share from 0 to below 1: nothing was trained. Give one, such as {FastSettings.holdout:g}"
        )
    settings = FastSettings(documents=documents, windows=windows, steps=steps, holdout=holdout, seed=seed)
    try:
        report = train(
            out,
            Sources(corpus, held_out or ()),
            teacher=_scheme(teacher, tokenizer, max_tokens),
            settings=settings,
            language=_language(),
            say=typer.echo,
        )
    except ImportError as error:
        raise VectorsTrainError(
            f"the teacher needs the package {error.name}, which is not installed, so nothing was trained: pip install 'gristmill[embed]'"
        ) from None
    card = report.card
    typer.echo(f"trained on {card.trained:,} windows")
    for name, one in (("all", card.held_out), *sorted(card.by_language.items())):
        typer.echo(f"held out  {name}: {told(one)}")
    weak = too_weak({"teacher": card.teacher, "pearson": card.held_out.pearson, "neighbours": card.held_out.neighbours})
    if weak is not None:
        typer.echo(f"below the floor: {weak}. Nothing will be dropped by its vectors; train on more text")
    typer.echo(f"model  {report.path}  sha256 {report.sha256}")


def told(one: Agreement) -> str:
    """Word how well a model agrees with its teacher.

    >>> told(Agreement(texts=1200, pearson=0.8, neighbours=0.625)), told(Agreement(texts=3, pearson=None, neighbours=None))
    ("1,200 texts, r = 0.800 over pairs, 62.5 % of the teacher's ten nearest", '3 texts, too few to measure with')
    """
    if one.pearson is None or one.neighbours is None:
        return f"{one.texts:,} texts, too few to measure with"
    return f"{one.texts:,} texts, r = {one.pearson:.3f} over pairs, {100 * one.neighbours:.1f} % of the teacher's ten nearest"


def _scheme(teacher: str, tokenizer: str | None, max_tokens: int) -> EmbeddingScheme:
    """Fetch a teacher's files. Raises VectorsTrainError for one that is no transformer."""
    from jobs.annotate.settings import Embedding
    from jobs.engine.models import fetch

    try:
        asked = Embedding(model=teacher, tokenizer=tokenizer)
    except ValueError as error:
        raise VectorsTrainError(f"--teacher {teacher}: {error}; nothing was trained") from None
    files = {role: fetch(name) for role, name in asked.models().items()}
    if "embedding tokenizer" not in files:
        raise VectorsTrainError(
            f"{teacher} is a fast model, and learns itself from a transformer: nothing was trained. Name one"
        )
    model, words = files["embedding"], files["embedding tokenizer"]
    return EmbeddingScheme(model.path, model.sha256, words.path, words.sha256, max_tokens=max_tokens)


def _language() -> "LanguageModel":
    from jobs.engine.models import fetch
    from udfs.signals.language import LanguageModel

    found = fetch("lid.176.ftz")
    return LanguageModel(found.path, sha256=found.sha256)
