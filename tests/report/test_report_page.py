"""The report's page without Spark: what it says, and what it refuses to let through."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

from jobs.report.data import Breakdown, Group, SampleSet
from jobs.report.figures import large, number, share
from jobs.report.page import Notice, differences, notices, render
from jobs.report.visible import visible
from tests.report.page_data import HOSTILE, report_data, sample

SECTIONS = (
    "summary", "funnel", "rules", "signals", "languages", "domains", "origins", "opt-out", "samples", "duplicates", "files", "run",
)  # fmt: skip
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Elements(HTMLParser):
    """Collect the elements of a page, and check that each is closed where it should be."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"


def parse(page: str) -> list[tuple[str, dict[str, str | None]]]:
    elements = Elements()
    elements.feed(page)
    assert elements.open == []
    return elements.found


def test_the_page_has_all_sections_each_reachable_from_the_contents() -> None:
    found = parse(render(report_data()))
    ids = [attributes["id"] for _, attributes in found if "id" in attributes]
    links = [attributes["href"] for tag, attributes in found if tag == "a"]
    assert [name for name in ids if name in SECTIONS] == list(SECTIONS)
    assert links[: len(SECTIONS)] == [f"#{name}" for name in SECTIONS]
    assert len(ids) == len(set(ids))


def test_every_link_leads_to_a_place_on_the_page() -> None:
    found = parse(render(report_data(words=HOSTILE)))
    ids = {attributes.get("id") for _, attributes in found}
    assert {href for tag, a in found if tag == "a" and (href := a["href"]) and href[1:] not in ids} == set()
    assert {str(a["href"])[0] for tag, a in found if tag == "a"} == {"#"}


def test_hostile_text_becomes_no_element_attribute_or_style() -> None:
    plain, hostile = (parse(render(report_data(words=words))) for words in ("plain text of some length", HOSTILE))
    assert {tag for tag, _ in hostile} - {"mark"} == {tag for tag, _ in plain} - {"mark"}
    assert not {"script", "img", "link", "iframe", "object", "form", "base"} & {tag for tag, _ in hostile}
    assert {name for _, a in hostile for name in a if name.startswith("on") or name in ("src", "srcdoc", "action")} == set()


def test_a_template_in_a_text_is_text() -> None:
    page = render(report_data(words="{{ 7 * 7 }} {% raw %}"))
    assert "{{ 7 * 7 }} {% raw %}" in page
    assert ">49" not in page


def test_control_characters_overrides_and_lone_surrogates_do_not_reach_the_page() -> None:
    page = render(report_data(words=HOSTILE))
    assert re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", page) == []
    assert page.encode("utf-8").decode("utf-8") == page


def test_the_page_allows_no_script_and_nothing_fetched() -> None:
    found = parse(render(report_data()))
    policies = [a["content"] for tag, a in found if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


def test_a_line_of_100_kilobytes_is_cut_everywhere() -> None:
    page = render(report_data(words="x" * 100_000))
    assert max(len(run) for run in re.findall("x+", page)) <= 1200
    assert len(page) < 300_000


def test_the_same_data_gives_the_same_page() -> None:
    assert render(report_data(words=HOSTILE)) == render(report_data(words=HOSTILE))


def test_a_stage_that_has_not_run_is_said_not_to_have_run() -> None:
    data = replace(
        report_data(),
        stages=report_data().stages[:1],
        tokens=None,
        rules=None,
        histograms=None,
        passing=None,
        duplicate_groups=None,
        file_totals=None,
        breakdowns=(),
        samples=(),
        runs=(),
    )
    page = render(data)
    said = [
        "The filter stage has not run, so no rule has decided on anything.",
        "No signals have been measured yet.",
        "No languages have been measured yet.",
        "No documents have been extracted yet.",
        "The dedup stage has not run.",
        "No input file has been read yet.",
        "No stage has finished yet, so none has left a record.",
    ]
    assert [words for words in said if words not in page] == []
    assert "The dedup stage has not run." not in render(report_data())


def test_the_page_of_a_corpus_speaks_of_rows_and_of_no_page_that_it_did_not_see() -> None:
    breakdowns = (
        Breakdown("domain", (Group("a.example", 12, 3, 9, None),), (), 1, 0),
        Breakdown("charset", (Group(None, 12, 3, 9, None),), (), 1, 0),
    )
    samples = (SampleSet("kept", "", (sample(title="", url="", id="/data/a.jsonl#12"),)),)
    page = render(replace(report_data(), source="read", noun="rows", breakdowns=breakdowns, samples=samples))
    text = " ".join(re.sub("<[^>]+>", " ", page).split())
    for said in (
        "rows in 12 ",
        "drawn against all rows: what was kept",
        "The documents come from a corpus, which does not say how their pages came.",
        "The documents come from a corpus, which does not say. ",
        "Records: 12 response. ",
        "Reading took 4.0 s of one core, all files together: 3 rows per second per core.",
    ):
        assert said in text, said
    assert "<h5><bdi>/data/a.jsonl#12</bdi></h5>" in page
    assert re.findall("captures|charset|process that parses pages|Untitled", text) == []


def test_a_run_that_balances_says_so_and_one_that_does_not_says_where() -> None:
    data = report_data()
    assert "Every document is accounted for" in render(data)
    extract, filtered, *rest = data.stages
    lost = replace(data, stages=(extract, replace(filtered, read=9, recorded="in: 10 in the ledger, 9 rows"), *rest))
    assert [notice for notice in notices(lost) if notice.grave] == [
        Notice("Extract kept 10 documents, but filter decided on 9", "funnel", grave=True),
        Notice("Filter: the ledger and the rows differ (in: 10 in the ledger, 9 rows)", "funnel", grave=True),
    ]
    assert "Every document is accounted for" not in render(lost)


def test_rules_that_now_keep_another_number_are_a_grave_notice() -> None:
    grave = [notice.section for notice in notices(replace(report_data(), passing=5)) if notice.grave]
    assert grave == ["signals"]


def test_a_rule_that_is_meant_for_some_documents_says_for_which() -> None:
    data = report_data()
    assert data.rules is not None
    rules = (replace(data.rules[0], where="(domain = 'a.example')"), data.rules[1])
    text = " ".join(unescape(re.sub("<[^>]+>", " ", render(replace(data, rules=rules)))).split())
    assert "word_count >= 50 where (domain = 'a.example') else few_words" in text  # among the rules
    assert "word_count >= 50, where (domain = 'a.example')" in text  # and below the distribution


def test_differences_mark_what_the_other_text_lacks() -> None:
    assert differences("the old mill grinds", "the new mill grinds fine") == (
        [("the ", False), ("old ", True), ("mill ", False), ("grinds", True)],
        [("the ", False), ("new ", True), ("mill ", False), ("grinds fine", True)],
    )


def test_what_two_texts_share_for_long_is_shortened() -> None:
    shared = "word " * 100
    _, right = differences(shared + "end", shared + "END")
    assert right[0][0].startswith(" … word")
    assert (len(right[0][0]) < 100, right[1:]) == (True, [("END", True)])


def test_texts_that_repeat_one_word_are_not_compared_for_minutes() -> None:
    left, right = differences("spam " * 1000 + "a", "spam " * 990 + "b")
    assert [new for _, new in (*left, *right)] == [False, False]


def test_numbers_are_grouped_and_shares_never_round_to_a_lie() -> None:
    assert [number(1234567), number(0.65), number(1e20), number(float("inf")), number(None)] == [
        "1,234,567", "0.65", "1e+20", "inf", "–",
    ]  # fmt: skip
    assert [share(0, 9), share(1, 100_000), share(99_999, 100_000), share(9, 9), share(0, 0)] == [
        "0%", "<0.1%", ">99.9%", "100%", "–",
    ]  # fmt: skip
    assert [large(999_999), large(15_300_000), large(2.04e9), large(15.5e12)] == [
        "999,999", "15.3 million", "2.04 billion", "15.5 trillion",
    ]  # fmt: skip


def test_visible_keeps_every_script_and_line_break() -> None:
    text = "Ελληνικά\tעברית\nالعربية 中文 🙂"
    assert visible(text) == text
    assert visible("a\r\nb\u200f\ufeff") == "a\nb\ufeff"


def test_a_recipe_without_rules_has_no_table_of_them() -> None:
    found = render(replace(report_data(), rules=()))
    assert "The recipe has no rule, so every document passed." in found and '<table class="rules">' not in found


def test_a_duplicate_that_stays_is_said_to_be_marked() -> None:
    (group,) = report_data().duplicate_groups or ()
    marked = replace(group, dropped=(replace(group.dropped[0], reason=""),))
    found = render(replace(report_data(), duplicate_groups=(marked,)))
    assert "<b>kept, and marked as its duplicate</b>, similarity 0.800" in found


def test_a_stage_that_leaves_nothing_is_named() -> None:
    data = report_data()
    emptied = replace(data, stages=(*data.stages[:-1], replace(data.stages[-1], kept=0)))
    said = f"{data.title(data.stages[-1].name)} kept no document, so the corpus is empty"
    assert [notice.text for notice in (*notices(data), *notices(emptied)) if "is empty" in notice.text] == [said]
