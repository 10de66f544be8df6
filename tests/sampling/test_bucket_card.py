"""The report's card of a step of buckets: its buckets by group, largest group first, with documents, tokens and cuts."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.sql.types import StringType, StructField, StructType

from jobs.engine import signal_sets
from jobs.engine.job import Context
from jobs.engine.progress import Progress
from jobs.engine.root import Root
from jobs.recipe.load import recipe_of, stages_of
from jobs.sampling import bucket_card
from jobs.sampling.bucket_card import bucket_rows
from jobs.sampling.settings import Step
from jobs.sampling.stage import folder_of
from jobs.sampling.tables import DECISIONS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

RUN = {"name": "a", "dump": "D", "input": ["x"]}
# id, language, bucket, value, cut; d8 is outside of where, d9 left at an earlier step
DOCUMENTS = (
    ("d1", "de", "head", 9.0, 8.0),
    ("d2", "de", "middle", 7.0, 6.0),
    ("d3", "de", "tail", 5.0, 6.0),
    ("d4", "en", "head", 9.5, 9.0),
    ("d5", "en", "tail", 1.0, 2.0),
    ("d6", "de", "tail", 4.0, 6.0),
    ("d8", None, "all", None, None),
    ("d9", "de", None, None, None),
)


def test_only_the_largest_groups_are_shown_and_each_whole() -> None:
    counted = [(f"g{n:02}", name, 40 - n, None, 0.5) for n in range(31) for name in ("head", "tail")]
    shown = bucket_rows(counted, names=("head", "tail"))
    assert [row[0] for row in (shown[0], shown[1], shown[-1])] == ["g00: head", "g00: tail", "g29: tail"]
    assert len(shown) == 60


@pytest.mark.spark
@pytest.mark.parametrize("within", ["language", None])
def test_the_card_counts_documents_and_tokens_and_gives_the_cut_of_each_bucket(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, within: str | None
) -> None:
    root = Root(spark, str(tmp_path))
    buckets = {"by": "word_count", **({"within": within} if within is not None else {})}
    step = Step.model_validate({"name": "ccnet", "where": "language IS NOT NULL", "buckets": buckets})
    recipe = recipe_of({"run": RUN, "sampling": [step.model_dump(mode="json")]})
    _write(root, within=within)
    tokens = spark.createDataFrame([(name, 10) for name, *_ in DOCUMENTS if name != "d6"], "id string, token_count bigint")
    monkeypatch.setattr(signal_sets, "signals", lambda root, columns: tokens)
    context = Context(recipe=recipe, root=root, progress=Progress(quiet=True), stages=stages_of(recipe))
    card = bucket_card.bucket_card(context, step, 0)
    assert (card.title, card.columns) == ("Buckets of ccnet", ("bucket", "documents", "tokens", "cut"))
    outside = ("all (outside of where)", 1, 10, None)
    if within is None:
        assert card.rows == (("head", 2, 20, 9.0), ("middle", 1, 10, 6.0), ("tail", 3, 20, 6.0), outside)
    else:
        assert card.rows == (
            ("de: head", 1, 10, 8.0),
            ("de: middle", 1, 10, 6.0),
            ("de: tail", 2, 10, 6.0),
            ("en: head", 1, 10, 9.0),
            ("en: tail", 1, 10, 2.0),
            outside,
        )


def _write(root: Root, *, within: str | None) -> None:
    """Write the decisions of a step of buckets, its pool, and the marker that names the pool."""

    def decision(name: str, bucket: str | None, value: float | None, cut: float | None) -> tuple[Any, ...]:
        steps = [("ccnet", value, cut, 1)] if value is not None else []
        outcome, reason = ("kept", None) if bucket is not None else ("dropped", "earlier")
        return name, outcome, reason, None, None, int(bucket is not None), steps, bucket, "00000"

    spark = root.spark
    decided = [decision(name, bucket, value, cut) for name, _, bucket, value, cut in DOCUMENTS]
    root.write(
        spark.createDataFrame(decided, StructType([*DECISIONS.types.fields, StructField("chunk", StringType())])), DECISIONS
    )
    pool = spark.createDataFrame([(name, language) for name, language, *_ in DOCUMENTS], "id string, group_0 string")
    root.save(pool if within is not None else pool.drop("group_0"), f"{folder_of('key')}/pool")
    root.markers.write_stage(DECISIONS.path, {"fingerprint": "key"})
