"""What the report gathers from a run's root, against a root whose every number is known."""

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.filter.settings import Rule as RuleOfRecipe
from jobs.report.data import Group, Line, Reason, Rule, Stage, StageRun
from jobs.report.page import notices, render
from tests.report.root import write_report_root
from tests.runs import changed, context, tiny

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from jobs.report.data import ReportData

pytestmark = pytest.mark.spark


RULES = (
    RuleOfRecipe(reason="few_words", keep="word_count BETWEEN 50 AND 1000", source="made up"),
    RuleOfRecipe(reason="unsure", keep="language = 'en' OR quality_score > 0.5", source="made up"),
)


@pytest.fixture(scope="module")
def data(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> "ReportData":
    from jobs.report.gather import gather

    folder = tmp_path_factory.mktemp("run")
    write_report_root(folder)
    return gather(context(spark, changed(tiny([]), filter=RULES), folder), made=datetime.date(2026, 1, 31))


def test_the_funnel_counts_every_row_and_agrees_with_the_ledgers(data: "ReportData") -> None:
    assert data.stages == (
        Stage(
            "extract",
            13,
            10,
            (Reason("duplicate_id", "dropped", 1), Reason("empty_text", "dropped", 1), Reason("timeout", "failed", 1)),
            "",
        ),
        Stage("annotate", 10, 9, (Reason("annotate_error", "failed", 1),), ""),
        Stage(
            "filter",
            9,
            5,
            (
                Reason("few_words", "dropped", 2),
                Reason("unmeasured", "failed", 1),
                Reason("unsure", "dropped", 1),
            ),
            "",
        ),
        Stage("dedup", 5, 3, (Reason("exact_text", "dropped", 1), Reason("near_duplicate", "dropped", 1)), ""),
        Stage("publish", 3, 3, (), ""),
    )
    assert (data.tokens, data.passing, data.made) == (585, 5, "2026-01-31")


def test_where_documents_ended_is_the_same_with_and_without_a_join(spark: "SparkSession", tmp_path: Path) -> None:
    from jobs.report.fates import ends, fate
    from jobs.report.gather import open_tables

    write_report_root(tmp_path)
    tables = open_tables(context(spark, changed(tiny([]), filter=RULES), tmp_path))
    columns = ("id", "chunk", "stage", "outcome", "reason")
    joined, united = (
        make(tables.documents, signals=tables.signals, decisions=tables.decisions).select(*columns).collect()
        for make in (fate, ends)
    )
    assert sorted(map(repr, united)) == sorted(map(repr, joined)) and len(joined) > 5


def test_no_table_of_documents_is_broadcast_to_join_what_became_of_them(spark: "SparkSession", tmp_path: Path) -> None:
    from jobs.report.fates import fate
    from jobs.report.gather import open_tables

    write_report_root(tmp_path)
    tables = open_tables(context(spark, changed(tiny([]), filter=RULES), tmp_path))
    fates: Any = fate(tables.documents, signals=tables.signals, decisions=tables.decisions)
    plan = fates._jdf.queryExecution().executedPlan().toString()
    assert plan.count("SortMergeJoin [key") == 3  # what is broadcast is the list of repeated ids


def test_ids_are_not_shuffled_and_of_many_documents_each_partition_of_the_join_fits(
    spark: "SparkSession", tmp_path: Path
) -> None:
    from jobs.report.counts import breakdowns
    from jobs.report.fates import FIT, fate
    from jobs.report.gather import open_tables

    write_report_root(tmp_path)
    tables = open_tables(context(spark, changed(tiny([]), filter=RULES), tmp_path))
    few, many = (
        fate(tables.documents, signals=tables.signals, decisions=tables.decisions, count=count) for count in (9, 70 * FIT)
    )
    plan: Any = many.select("stage", "domain")
    shuffled = plan._jdf.queryExecution().executedPlan().toString()
    assert shuffled.count("hashpartitioning(key") == 4 == shuffled.count(", 70)")
    sorts = [line for line in shuffled.splitlines() if " Sort " in line or "Exchange hash" in line]
    assert len(sorts) == 8 and not any("id#" in line for line in sorts)
    assert breakdowns(many) == breakdowns(few) != ()


def test_documents_to_show_are_the_same_when_few_are_put_in_order(
    spark: "SparkSession", monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs.report import samples

    monkeypatch.setattr(samples, "MANY", 50)
    ended = spark.range(3000).selectExpr(
        "CAST(id AS string) AS id",
        "'00000' AS chunk",
        "IF(id % 3 = 0, 'kept', 'filter') AS stage",
        "IF(id % 3 = 0, NULL, IF(id < 20, 'rare', 'common')) AS reason",
    )
    counts = {("kept", ""): 1000, ("filter", "common"): 1987, ("filter", "rare"): 13}
    plain = samples.choose(ended, per_reason=3)
    assert {fate: len(found) for fate, found in plain.items()} == {
        ("filter", "common"): 3,
        ("filter", "rare"): 3,
        ("kept", ""): 6,
    }
    assert samples.choose(ended, per_reason=3, counts=counts) == plain
    wrong = counts | {("filter", "rare"): 10**12}  # so none of the rare ones is looked at first
    assert samples.choose(ended, per_reason=3, counts=wrong) == plain


def test_percentiles_of_some_documents_leave_all_counts_exact(spark: "SparkSession", monkeypatch: pytest.MonkeyPatch) -> None:
    from jobs.report import distributions

    monkeypatch.setattr(distributions, "SPREAD", 2000)
    signals = spark.range(10_000).selectExpr("CAST(id AS string) AS id", "id AS word_count", "CAST(NULL AS string) AS error")
    rule = RuleOfRecipe(reason="few_words", keep="word_count >= 50")
    (words,), passing = distributions.distributions(signals, (rule,), catalogue={}, rows=10_000)
    assert (words.measured, words.unmeasured, passing) == (10_000, 0, 9950)
    assert (sum(words.bins) + words.below + words.above, words.lines[0].outside) == (10_000, 50)
    assert words.high - words.low < 9_999 and words.below and words.above  # the axis is that of 2,000
    assert words.quantiles is not None and abs(words.quantiles[1] - 5000) < 1000  # the median of 2,000: nine times its error


def test_rules_are_credited_with_what_they_remove_first_and_alone(data: "ReportData") -> None:
    assert data.rules == (
        Rule("few_words", "word_count BETWEEN 50 AND 1000", "made up", broke=2, alone=1, first=2),
        Rule("unsure", "language = 'en' OR quality_score > 0.5", "made up", broke=2, alone=1, first=1),
    )


def test_signals_are_binned_with_their_thresholds_and_unmeasured_values_are_counted(data: "ReportData") -> None:
    by_name = {histogram.signal: histogram for histogram in data.histograms or ()}
    words, score, lorem, tokens = (by_name[name] for name in ("word_count", "quality_score", "c4_lorem_ipsum", "token_count"))
    assert (words.signal, words.kind, words.measured, words.unmeasured) == ("word_count", "whole", 9, 1)
    assert (sum(words.bins) + words.below + words.above, sum(words.passing)) == (9, 5)
    assert words.lines == (
        Line("few_words", ">=", 50.0, False, outside=2),
        Line("few_words", "<=", 1000.0, False, outside=0),
    )
    assert (score.signal, score.measured, score.unmeasured) == ("quality_score", 8, 2)
    assert score.lines == (Line("unsure", ">", 0.5, True, outside=2),)
    assert (lorem.signal, lorem.kind, lorem.bins, lorem.passing) == ("c4_lorem_ipsum", "bool", (9, 1), (4, 1))
    assert (tokens.signal, tokens.lines) == ("token_count", ())


def test_a_rule_on_a_fact_of_documents_is_evaluated_again_and_its_threshold_is_conditional(
    spark: "SparkSession", tmp_path: Path
) -> None:
    from jobs.report.gather import gather

    write_report_root(tmp_path, stages=("annotate", "filter"))
    rule = RuleOfRecipe(reason="few_words", keep="word_count BETWEEN 50 AND 1000", where="domain = 'b.org'")
    found = gather(context(spark, changed(tiny([]), filter=[rule]), tmp_path))
    words = next(one for one in found.histograms or () if one.signal == "word_count")
    assert [line.conditional for line in words.lines] == [True, True]
    assert found.passing == 7  # of nine that were measured, two of b.org have too few words
    assert words.passing and sum(words.passing) <= 7
    assert {histogram.signal for histogram in found.histograms or ()}.isdisjoint({"http_status", "offset", "length"})
    assert found.rules is not None and found.rules[0].where == "domain = 'b.org'"


def test_domains_are_counted_in_and_out_and_wipe_outs_are_found(data: "ReportData") -> None:
    domains = next(b for b in data.breakdowns if b.name == "domain")
    assert domains.groups == (
        Group("b.org", 5, 0, 0, "few_words"),
        Group("c.org", 4, 1, 195, "timeout"),
        Group("a.org", 3, 2, 390, "near_duplicate"),
    )
    assert (domains.wiped, domains.distinct, domains.wiped_distinct) == ((domains.groups[0],), 3, 1)
    assert {b.name: b.groups for b in data.breakdowns}["opt_out"] == (Group("meta:noai", 1, 1, 130, None),)


def test_samples_are_cut_and_carry_what_their_broken_rules_measured(data: "ReportData") -> None:
    shown = {(s.stage, s.reason): s.samples for s in data.samples}
    assert {key: sorted(s.id for s in samples) for key, samples in shown.items()} == {
        ("dedup", "exact_text"): ["d9"],
        ("dedup", "near_duplicate"): ["d8"],
        ("extract", "empty_text"): ["d11"],
        ("extract", "timeout"): ["d12"],
        ("annotate", "annotate_error"): ["d7"],
        ("filter", "few_words"): ["d3", "d4"],
        ("filter", "unmeasured"): ["d6"],
        ("filter", "unsure"): ["d5"],
        ("kept", ""): ["d1", "d10", "d2"],
    }
    both = next(s for s in shown["filter", "few_words"] if s.id == "d4")
    assert (both.broken, both.facts) == (
        ("few_words", "unsure"),
        (("language", "de"), ("word_count", "20"), ("quality_score", "0.2")),
    )
    assert (len(both.text), both.characters) == (1200, 3300)


def test_a_duplicate_stands_beside_the_document_it_lost_to(data: "ReportData") -> None:
    (group,) = data.duplicate_groups or ()
    assert (group.group_id, group.size, group.witness and group.witness.id, data.duplicate_group_count) == (
        "d1",
        3,
        "d1",
        1,
    )
    assert [(d.sample.id, d.reason, d.similarity) for d in group.dropped] == [
        ("d8", "near_duplicate", 0.875),
        ("d9", "exact_text", 1.0),
    ]


def test_a_duplicate_that_was_only_marked_is_shown_too(spark: "SparkSession") -> None:
    from jobs.report.samples import largest_groups

    columns = (
        "id string, outcome string, reason string, duplicate_of string, similarity double, group_id string, group_size int"
    )
    rows = [("d1", "kept", None, None, None, "d1", 2), ("d2", "kept", None, "d1", 0.9, "d1", 2)]
    found = largest_groups(spark.createDataFrame(rows, columns))
    assert [(row["id"], row["duplicate_of"], row["similarity"]) for row in found] == [("d2", "d1", 0.9)]


def test_files_that_failed_and_bytes_that_were_skipped_are_listed(data: "ReportData") -> None:
    totals = data.file_totals
    assert totals is not None
    assert (totals.files, totals.failed, totals.bytes_records, totals.bytes_skipped, totals.seconds) == (
        2,
        1,
        1900,
        100,
        4.0,
    )
    assert totals.records == (("response", 13),)
    assert [(p.path, p.reason, p.spans) for p in data.file_problems] == [
        ("b.warc.gz", "unreadable", ()),
        ("a.warc.gz", "", ((900, 100, "bad gzip"),)),
    ]


def test_run_facts_come_from_the_markers(data: "ReportData") -> None:
    assert data.runs == tuple(
        StageRun(stage, f"{stage}0", 2.0, read, 1, None)
        for stage, read in (("extract", 13), ("annotate", 10), ("filter", 9), ("dedup", 5), ("publish", 3))
    )
    assert (data.models, data.versions) == ((("lid", "ab"),), (("spark", "4"),))


def test_the_page_of_a_run_that_balances_has_no_grave_notice(data: "ReportData") -> None:
    assert [notice for notice in notices(data) if notice.grave] == []
    assert "Every document is accounted for" in render(data)


def test_a_root_with_extraction_alone_gives_a_page(spark: "SparkSession", tmp_path: Path) -> None:
    from jobs.report.gather import gather

    write_report_root(tmp_path, stages=())
    data = gather(context(spark, changed(tiny([]), filter=RULES), tmp_path))
    assert (data.rules, data.histograms, data.duplicate_groups, data.tokens) == (None, None, None, None)
    assert [stage.name for stage in data.stages] == ["extract"]
    assert "The dedup stage has not run." in render(data)
