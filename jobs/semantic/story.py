"""What explain tells of a document's vector: its cluster, how far it lies from the centroid, and the document that it gave way to."""

from collections.abc import Iterator

from pyspark.sql import functions as F

from jobs.engine.documents import documents
from jobs.engine.job import Context
from jobs.engine.story import row_of
from jobs.semantic.tables import CLUSTERS, DECISIONS


def story(context: Context, page: str, chunk: str) -> Iterator[str]:
    """Yield the decision, the cluster, and where the witness is."""
    decision = row_of(context.root, DECISIONS, page, chunk=chunk)
    if decision is None:
        return
    reason = f", {decision['reason']}" if decision["reason"] else ""
    yield f"semantic  {decision['outcome']}{reason}{_where(context, decision['cluster'], decision['distance_to_centroid'])}"
    witness = decision["duplicate_of"]
    if witness is None:
        return
    yield f"  cosine {decision['cosine']:.4f} to {witness}, which the rule kept"
    if decision["dropped_by"] != witness:
        yield f"  cosine {decision['dropped_by_cosine']:.4f} to {decision['dropped_by']}, which decided and went itself"
    better = documents(context.root).where(F.col("id") == witness).select("url", "date").first()
    if better is not None and (told := [str(fact) for fact in better if fact]):
        yield f"  {'  '.join(told)}"


def _where(context: Context, cluster: int | None, distance: float | None) -> str:
    if cluster is None:
        return ""
    row = context.root.read(CLUSTERS).where(F.col("cluster") == cluster).select("label").first()
    label = f" ({row['label']})" if row is not None and row["label"] else ""
    return f": cluster {cluster}{label}, {distance:.4f} from its centroid"
