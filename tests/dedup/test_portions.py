"""A killed comparison goes on with the portions of candidates whose shingles are not written."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.dedup import compare, rounds
from jobs.engine.root import Root
from tests.dedup.oracle import MINHASH, SETTINGS, best_first, corpus, dedup, kept, sequential
from tests.dedup.small_root import write_root

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def test_a_killed_comparison_goes_on_with_the_portions_whose_shingles_are_not_written(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There are four portions, those of four chunks. Each but the first two dies when it is written and not yet marked."""
    monkeypatch.setattr(rounds, "TAIL", -1)
    monkeypatch.setattr(compare, "CANDIDATES_AT_ONCE", 1)
    monkeypatch.setattr(compare, "PORTIONS_AT_ONCE", 1)
    docs, settings = corpus(4, groups=6), SETTINGS.model_copy(update={"exact_url": "off"})
    write_root(tmp_path, docs, num_perm=MINHASH.num_perm, chunks=4)

    def files() -> list[list[str]]:
        """Name the files of each portion; Spark names each that it writes anew."""
        folders = [tmp_path / f"dedup/test/near/round=000/shingles/pairs-{number}" for number in range(4)]
        return [sorted(file.name for file in folder.glob("*.parquet")) for folder in folders]

    def killed(root: Root, relative: str, value: dict[str, Any]) -> None:
        if relative.endswith(("candidates/pairs-2.json", "candidates/pairs-3.json")):
            raise KeyboardInterrupt
        write_json(root, relative, value)

    write_json = Root.write_json
    with monkeypatch.context() as dying:
        dying.setattr(Root, "write_json", killed)
        with pytest.raises(KeyboardInterrupt):
            dedup(spark, tmp_path, docs, settings)
    before = files()
    assert all(before[:3])
    decisions = dedup(spark, tmp_path, docs, settings)
    after = files()
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, True, False, False]
    assert kept(decisions) == sequential(sorted(docs, key=best_first), settings)
