"""Small pages with known faults of extractors: all come right by blocks."""

from pathlib import Path

import pytest

from bench.extraction.cases import run_cases
from udfs.page.extractor import ExtractSettings


@pytest.mark.real
def test_all_text_cases_come_right(shared_data: Path) -> None:
    assert run_cases(shared_data / "cases", ExtractSettings(extractor="blocks")) == []
