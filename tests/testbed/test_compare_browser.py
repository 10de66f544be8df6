"""The comparison's page in a real browser: it fits a desk and a phone, and neither runs nor fetches anything."""

from pathlib import Path

import pytest

from jobs.testbed.judgement import judged
from jobs.testbed.outcome import read_outcome
from jobs.testbed.page import render
from tests.browser import found_chromium
from tests.report.test_report_browser import SIZES, look
from tests.testbed.made_outcome import VALUES, write_outcome
from tests.testbed.test_judge import SECTIONS


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_nothing_overflows_and_every_section_is_there(tmp_path: Path, size: tuple[int, int]) -> None:
    values = {f"{arm}-{'long' * 20}": row for arm, row in VALUES.items()}
    outcome = read_outcome(write_outcome(tmp_path / "out", values=values))
    seen = look(found_chromium(), render(outcome, judged(outcome)), tmp_path, size=size)
    assert (seen["width"], seen["wide"]) == (seen["shown"], [])
    assert [name for name in seen["ids"] if name in SECTIONS] == list(SECTIONS)
    assert (seen["scripts"], seen["fetched"]) == (0, [])
