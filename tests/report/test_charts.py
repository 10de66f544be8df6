"""The arithmetic of the report's charts: thresholds, axes, bars."""

import re
from dataclasses import replace
from typing import Any

import pytest

from jobs.filter.settings import Rule
from jobs.report.charts import funnel_bar, histogram, position
from jobs.report.data import Line, Reason
from jobs.report.thresholds import Threshold, thresholds, thresholds_of
from tests.report.page_data import histogram as distribution


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        ("word_count BETWEEN 50 AND 100000", (("word_count", ">=", 50, False), ("word_count", "<=", 100000, False))),
        ("language = 'en' AND language_score > 0.65", (("language_score", ">", 0.65, False),)),
        ("language != 'en' OR stop_words >= 2", (("stop_words", ">=", 2, True),)),
        ("50 <= n AND n < 1e5", (("n", ">=", 50, False), ("n", "<", 1e5, False))),
        ("(x >= -0.5) AND y<=.3D", (("x", ">=", -0.5, False), ("y", "<=", 0.3, False))),
        ("x IS NOT NULL AND `x y` > 3L", (("x y", ">", 3, False),)),
        ("label = 'x > 3' AND language NOT IN ('de')", ()),
        ("a + b > 5", ()),
        ("abs(x) > 3 OR max(x > 3)", ()),
        ("x >= 50 * 2", ()),
        ("NOT (x > 3)", ()),
        ("x NOT BETWEEN 1 AND 2", ()),
        ("CASE WHEN x > 3 THEN true END", ()),
        ("", ()),
    ],
)
def test_a_threshold_is_read_only_where_its_meaning_is_certain(
    keep: str, expected: tuple[tuple[str, str, float, bool], ...]
) -> None:
    assert [(t.signal, t.op, t.value, t.conditional) for t in thresholds(keep)] == list(expected)
    assert all(isinstance(t, Threshold) for t in thresholds(keep))


@pytest.mark.parametrize(
    ("keys", "conditional"),
    [
        ({"keep": "n >= 50"}, False),
        ({"keep": "n >= 50", "where": "language = 'de'"}, True),
        ({"keep": "n >= 50", "hosts": "news.txt"}, True),
        ({"keep": "n >= 50", "not_hosts": "news.txt"}, True),
        ({"keep": "n >= threshold", "threshold": {"default": 50}}, False),
    ],
)
def test_a_threshold_holds_under_a_condition_where_its_rule_is_meant_for_some(keys: dict[str, Any], conditional: bool) -> None:
    rule = Rule.model_validate({"reason": "few", **keys})
    assert thresholds_of(rule) == (Threshold("n", ">=", 50.0, conditional),)


def test_thresholds_by_language_are_no_line() -> None:
    rule = Rule(reason="few", keep="n >= threshold", threshold={"default": 50, "de": 40})
    assert thresholds_of(rule) == ()


@pytest.mark.parametrize(
    ("kind", "line", "expected"),
    [
        ("linear", Line("r", ">=", 50, False, 0), 50.0),
        ("linear", Line("r", "<=", 1e5, False, 0), 97.0),
        ("linear", Line("r", ">=", -1, False, 0), 3.0),
        ("whole", Line("r", "<=", 49, False, 0), 50.0),
        ("whole", Line("r", ">=", 50, False, 0), 50.0),
    ],
)
def test_a_threshold_stands_between_what_is_kept_and_what_is_dropped(kind: str, line: Line, expected: float) -> None:
    assert position(replace(distribution(), kind=kind), line) == pytest.approx(expected)  # type: ignore[arg-type]


def test_a_logarithmic_axis_puts_the_geometric_mean_in_the_middle() -> None:
    data = replace(distribution(), kind="log", low=1.0, high=10_000.0)
    assert position(data, Line("r", ">=", 100.0, False, 0)) == pytest.approx(50.0)


def test_a_bar_that_dwarfs_the_others_is_cut_and_says_its_share() -> None:
    drawn = histogram(replace(distribution(), bins=(900, 50, 30, 20), measured=1000))
    assert '<text class="share"' in drawn
    assert ">90.0%</text>" in drawn
    assert '<text class="share"' not in histogram(distribution())


def test_the_funnel_draws_every_document_once() -> None:
    drawn = funnel_bar(read=10, kept=4, reasons=(Reason("a", "dropped", 5), Reason("b", "failed", 1)), total=20)
    assert re.findall(r'class="(\w+)" x="([\d.]+)%" y="0.0" width="([\d.]+)%"', drawn) == [
        ("kept", "0.000", "20.000"),
        ("c0", "20.000", "25.000"),
        ("c1", "45.000", "5.000"),
    ]


def test_an_empty_distribution_is_drawn_without_dividing_by_nothing() -> None:
    empty = replace(distribution(), bins=(0, 0), passing=(), measured=0, quantiles=None)
    assert "<rect" not in histogram(empty)
