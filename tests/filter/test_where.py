"""`where`, `hosts` and `not_hosts`: which pages a rule or a step is meant for, what is refused, and what explain tells of it."""

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.engine.errors import RecipeError
from jobs.engine.host_lists import digests, hosts_of
from jobs.engine.small_table import small_table
from jobs.explain.story import explain
from jobs.filter import STAGE
from jobs.filter.settings import Rule
from jobs.filter.stage import check, decide
from tests.runs import Finished, changed, context, rows, run, tiny

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

GERMAN = Rule(reason="short", keep="word_count >= threshold", threshold={"default": 50}, where="language = 'de'")


def test_a_file_of_hosts_is_read_as_hosts_whatever_its_form(tmp_path: Path) -> None:
    plain, packed = tmp_path / "hosts.txt", tmp_path / "hosts.gz"
    plain.write_text("# news\nB.example\n\n*.a.example.  # all below\nbücher.example\nb.example\n", encoding="utf-8")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert hosts_of(str(plain)) == ["a.example", "b.example", "xn--bcher-kva.example"] == hosts_of(str(packed))
    assert digests([]) is None
    found = digests([str(plain), str(packed)])
    assert found is not None and len(set(found.values())) == 1  # what counts is what it names
    plain.write_text("a.example\n")
    assert digests([str(plain)]) != {str(plain): found[str(plain)]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"# none\n", "has no host"),
        (b"a.example\nhttp://b.example/\n", "the line 'http://b.example/' is no host"),
        (b"a.*.example\n", r"the line 'a\.\*\.example' is no host"),
        (b"a..example\n", "the line 'a..example' is no host"),
        (b"\xff\xfe", "UTF-16"),
        (gzip.compress(b"a.example\n" * 9, mtime=0)[:-9], "is broken"),
        (None, r"hosts\.txt cannot be read: it does not exist; nothing was run\. Name one file"),
    ],
)
def test_a_file_of_hosts_that_is_none_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "hosts.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(RecipeError, match=said):
        hosts_of(str(file))


def test_a_rule_that_is_meant_for_all_is_its_own_sql() -> None:
    assert Rule(reason="few", keep="word_count >= 50").sql == "word_count >= 50"
    assert GERMAN.sql == "CASE WHEN NOT (language = 'de') THEN true WHEN language = 'de' THEN (word_count >= 50.0D) END"


@pytest.mark.spark
def test_a_page_outside_of_where_passes_and_an_unknown_one_fails(spark: "SparkSession") -> None:
    given = [("de", "de", 10), ("long", "de", 60), ("en", "en", 10), ("null", None, 10), ("unmeasured", "de", None)]
    signals = small_table(spark, given, "id string, language string, word_count bigint").selectExpr(
        "*", "'00000' AS chunk", "CAST(NULL AS string) AS error"
    )
    rules = (GERMAN, Rule(reason="empty", keep="coalesce(word_count, 1) > 0", where="language IS NOT NULL"))
    got = {row["id"]: tuple(row)[2:] for row in decide(signals, rules=rules).collect()}
    assert got == {
        "de": ("dropped", "short", ["short"], [], []),
        "long": ("kept", None, [], [], []),
        "en": ("kept", None, [], [], ["short"]),
        "null": ("failed", "unmeasured", [], ["short"], ["empty"]),
        "unmeasured": ("failed", "unmeasured", [], ["short"], []),
    }


@pytest.mark.spark
def test_rules_and_steps_are_limited_to_hosts_and_to_facts_of_documents(
    spark: "SparkSession", finished: Finished, tmp_path: Path
) -> None:
    inputs = list(finished.inputs)
    there = rows(finished.root, "documents")
    kept = rows(finished.root, "corpus")
    host = {row["id"]: row["host"] for row in there}
    chosen = sorted({host[row["id"]] for row in kept})[0]
    above = chosen.partition(".")[2] if chosen.count(".") > 1 else chosen
    below = {name for name in host.values() if name is not None and (name == above or name.endswith(f".{above}"))}
    file = tmp_path / "hosts.txt"
    file.write_text(above)
    some = kept[-1]["domain"]
    rules = [
        Rule(reason="listed", keep="false", hosts=str(file)),
        Rule(reason="of_domain", keep="word_count < 0", where=f"domain = '{some}' AND coalesce(page_kind, '') = ''"),
    ]
    step = {"name": "unlisted", "threshold": {"by": "word_count", "max": 0}, "not_hosts": str(file)}
    root = finished.copy(tmp_path / "root")
    recipe = changed(tiny(inputs), filter=rules, sampling=[step])
    run(spark, recipe, root, only="filter")
    decided = {row["id"]: row for row in rows(root, "decisions/filter")}
    by_id = {row["id"]: row for row in there}
    for name, row in decided.items():
        listed, of_domain = host[name] in below, by_id[name]["domain"] == some and not by_id[name]["page_kind"]
        assert row["reason"] == ("listed" if listed else "of_domain" if of_domain else None)
        assert row["outside"] == [*([] if listed else ["listed"]), *([] if of_domain else ["of_domain"])]
    assert {row["reason"] for row in decided.values()} == {"listed", "of_domain", None}
    story = "\n".join(
        explain(context(spark, recipe, root), next(name for name, row in decided.items() if row["reason"] is None))
    )
    assert f"  outside listed                      false   where `in {file}`" in story
    recipe = changed(tiny(inputs), filter=[], sampling=[step])
    for stage in ("filter", "dedup", "sampling"):
        run(spark, recipe, root, only=stage)
    sampled = {row["id"]: row for row in rows(root, "decisions/sampling")}
    assert {name for name, row in sampled.items() if row["outcome"] == "kept"} == {n for n in sampled if host[n] in below}
    story = "\n".join(explain(context(spark, recipe, root), next(n for n in sampled if host[n] in below)))
    assert "  unlisted                    outside of where" in story


@pytest.mark.spark
def test_a_where_that_does_not_fit_is_refused_with_what_is_known(spark: "SparkSession", tmp_path: Path) -> None:
    rules = [
        Rule(reason="a", keep="word_count > 1", where="langage = 'de'"),
        Rule(reason="b", keep="word_count > 1", where="domain"),
        Rule(reason="c", keep="word_count > 1", where="text = 'x'"),
    ]
    with pytest.raises(RecipeError) as caught:
        check(context(spark, changed(tiny([]), filter=rules), tmp_path / "root").job(STAGE))
    text = str(caught.value)
    assert text.startswith("3 rule(s) do not fit the signals; nothing was run.")
    assert "filter 'a': where \"langage = 'de'\": [UNRESOLVED_COLUMN" in text
    assert "filter 'b': where 'domain' gives string, not true or false" in text and "filter 'c': where" in text
    assert "of documents: id, url, url_key, host, domain" in text
    wrong = [Rule(reason="a", keep="word_count > 1", where="language = 'deu'")]
    with pytest.raises(RecipeError, match="has no label 'deu'"):
        check(context(spark, changed(tiny([]), filter=wrong), tmp_path / "root").job(STAGE))
