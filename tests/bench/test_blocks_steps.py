"""What bench/extraction/blocks_steps.py adds up; what it times is not timed here."""

import pytest

from bench.extraction.blocks_steps import RESILIPARSE, WHOLE, Stopwatch, report


def test_a_step_does_not_count_the_time_of_steps_that_it_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 1.0, 1.25, 2.0, 5.0, 6.0])  # seconds: outer begins, inner begins and ends, outer ends, and inner alone
    monkeypatch.setattr("bench.extraction.blocks_steps.time.process_time", lambda: next(moments))
    watch = Stopwatch()
    inner = watch.timed("inner", str)
    outer = watch.timed("outer", lambda: inner(7))
    assert outer() == "7"
    assert watch.read() == {"inner": 250.0, "outer": 1750.0}
    inner(8)
    assert watch.read() == {"inner": 1000.0}


def test_the_table_has_means_their_sum_and_the_ratio_to_the_other_extractor() -> None:
    one = {**dict.fromkeys(WHOLE, 0.5), RESILIPARSE: 2.0}
    two = {**dict.fromkeys(WHOLE, 1.5), RESILIPARSE: 4.0}
    lines = report({"some": [one, two]})
    assert lines[0] == "| CPU ms a page | some, 2 pages |"
    assert "| features | 1.00 |" in lines
    assert lines[-3:] == [
        f"| **all** | **{len(WHOLE):.2f}** |",
        "| Resiliparse's call | 3.00 |",
        f"| times that | {(len(WHOLE)) / 3:.2f} |",
    ]
