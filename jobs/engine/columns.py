"""The columns that a rule or a step may name: signals, and facts of documents."""

from collections.abc import Iterable

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.engine.job import Context
from udfs.documents.schema import DOCUMENT_FIELDS
from udfs.signals.sets import signal_fields

# of a document, nothing that decides sees the text (it would be moved), nor what other stages judge by
FACTS = tuple(name for name in DOCUMENT_FIELDS.names if name not in ("text", "nth", "outcome", "reason", "error", "copies"))


def signals_of(context: Context) -> tuple[str, ...]:
    """Name the signals that there are in a run."""
    return tuple(signal.name for signal in context.catalogue)


def known(context: Context) -> pa.Schema:
    """Return the columns that there are before any stage has decided: signals and facts of documents."""
    return pa.schema([*signal_fields(context.catalogue), *(DOCUMENT_FIELDS.field(name) for name in FACTS)])


def more_than_a_row(asked: DataFrame, rows: DataFrame) -> bool:
    """Tell whether what is asked of rows needs others of them, as an aggregate or a window does, or makes several rows of one."""
    plan = asked._jdf.queryExecution().analyzed()
    alone = plan.nodeName() == "Project" and plan.child().equals(rows._jdf.queryExecution().analyzed())
    return not alone


def is_chance(asked: DataFrame) -> bool:
    """Tell whether what is asked of rows is another at every run, as rand() is."""
    return not asked._jdf.queryExecution().analyzed().deterministic()


def complaint(error: Exception) -> str:
    """Return the first line of what Spark says of a column or a path, without its SQLSTATE.

    >>> complaint(ValueError("[UNRESOLVED] no column `x`. SQLSTATE: 42703; line 1\\n'Project"))
    '[UNRESOLVED] no column `x`.'
    """
    return str(error).strip().split("\n")[0].split(" SQLSTATE")[0]


def named(rows: DataFrame, expressions: Iterable[str]) -> set[str]:
    """Return the columns of these rows that SQL expressions name, as Spark resolves them."""
    every = [F.expr(sql).alias(f"asked_{n}") for n, sql in enumerate(expressions)]
    references = rows.select(*every)._jdf.queryExecution().analyzed().references().toSeq()
    return {str(references.apply(n).name()) for n in range(references.size())}
