"""A product of which no file is there is None, wherever it is read; another fault of reading is told."""

import pytest
from pyspark.errors import AnalysisException

from jobs.engine.root import Root


class Analysed(AnalysisException):
    """What Spark raises while it analyses a read, by its condition."""

    def __init__(self, condition: str) -> None:
        super().__init__(f"[{condition}]")
        self.condition = condition

    def getCondition(self) -> str | None:
        return self.condition


@pytest.mark.parametrize("condition", ["PATH_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA"])
def test_a_folder_that_is_absent_or_lost_its_files_has_no_product(condition: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def table(self: Root, relative: str) -> None:
        raise Analysed(condition)

    monkeypatch.setattr(Root, "table", table)
    assert Root(None, "root").product("corpus") is None


def test_another_fault_of_reading_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def table(self: Root, relative: str) -> None:
        raise Analysed("UNRESOLVED_COLUMN")

    monkeypatch.setattr(Root, "table", table)
    with pytest.raises(AnalysisException, match="UNRESOLVED_COLUMN"):
        Root(None, "root").product("corpus")
