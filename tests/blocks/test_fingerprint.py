"""What decides an extracted row is in extract's fingerprint: the model and the format, where blocks take the text."""

from types import SimpleNamespace
from typing import Any, Literal, cast

from jobs.extract.settings import Extract
from jobs.extract.stage import decides
from udfs.blocks.model import shipped_sha256


def decisive(extractor: Literal["blocks", "trafilatura"], format: Literal["text", "markdown"] = "text") -> dict[str, Any]:
    job = SimpleNamespace(
        settings=Extract(extractor=extractor, format=format), models={}, recipe=SimpleNamespace(run=SimpleNamespace(dump="D"))
    )
    found, dump = decides(cast(Any, job))
    assert dump == "D"
    return cast(dict[str, Any], found)


def test_the_model_and_the_format_decide_where_blocks_take_the_text() -> None:
    assert decisive("blocks")["blocks"] == shipped_sha256()
    assert decisive("blocks", "markdown") != decisive("blocks")


def test_they_decide_nothing_elsewhere() -> None:
    assert decisive("trafilatura", "markdown") == decisive("trafilatura")
    assert "blocks" not in decisive("trafilatura")
