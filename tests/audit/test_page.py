"""The audit without Spark: shares, verdicts, and a page that hostile texts cannot break."""

from dataclasses import replace

import pytest

from jobs.audit.examined import Pair, Side
from jobs.audit.page import render
from jobs.audit.removals import Removal, Stratum
from jobs.audit.shares import share, whole
from jobs.audit.verdicts import Audit, copy, loss, rows_of, worst_first
from tests.report.page_data import HOSTILE
from tests.report.test_report_page import parse
from udfs.audit.pairs import compared

NEAR, EXACT = Stratum("dedup", "near_duplicate", 0.8), Stratum("dedup", "exact_text", 1.0)
SENTENCE = "The ferry leaves the northern harbour at nine every morning."


def pair(removed: str, kept: str, *, stratum: Stratum = NEAR, id: str = "r") -> Pair:
    found = compared(removed, kept)
    sides = [
        Side(
            id=id if side == "removed" else "k",
            url=f"https://a.example/{removed[:40]}",
            date="2026-01-01T00:00:00Z",
            **{name: found[f"{side}_{name}"] for name in ("words", "lacked", "prose", "lacked_prose")},
            runs=tuple((run["text"], run["lacked"]) for run in found[f"{side}_runs"]),
        )
        for side in ("removed", "kept")
    ]
    return Pair(Removal(stratum, id, "00000", "k", "OLD", 0.83), sides[0], sides[1])


def audited(*pairs: Pair, sizes: dict[Stratum, int]) -> Audit:
    total, rows = rows_of(sizes, pairs)
    mine = {stratum: worst_first([p for p in pairs if p.removal.stratum == stratum]) for stratum in sizes}
    return Audit("tiny", "TEST", "/root", "2026-01-02", total, rows, mine, {})


@pytest.mark.parametrize(
    ("removed", "kept", "lost", "better"),
    [
        (SENTENCE, SENTENCE, "nothing", "level"),
        (SENTENCE, f"{SENTENCE} It takes an hour.", "nothing", "better"),
        (f"{SENTENCE} It takes an hour.", SENTENCE, "much", "worse"),
        (f"{SENTENCE}\nHome | About | Contact", SENTENCE, "much", "level"),  # a menu is no better copy
        (f"{SENTENCE}\n{SENTENCE}", SENTENCE, "nothing", "level"),
        (f"{SENTENCE} " * 10 + "Today.", f"{SENTENCE} " * 10, "little", "level"),
    ],
)
def test_what_is_lost_and_which_copy_was_kept(removed: str, kept: str, lost: str, better: str) -> None:
    assert (loss(pair(removed, kept)), copy(pair(removed, kept))) == (lost, better)


def test_strata_weigh_as_much_as_they_are_and_those_looked_at_whole_have_no_interval() -> None:
    pairs = [pair(SENTENCE, SENTENCE, stratum=EXACT, id=str(n)) for n in range(2)]
    pairs += [pair(f"{SENTENCE} It rains.", SENTENCE, id=str(n)) for n in range(2)]
    total, rows = rows_of({EXACT: 2, NEAR: 8}, pairs)
    assert (rows[EXACT].losses["nothing"].low, rows[EXACT].losses["nothing"].high) == (1.0, 1.0)
    assert total.losses["nothing"].value == 0.2 and total.copies["worse"].value == 0.8
    assert 0.2 == total.losses["nothing"].low < total.losses["nothing"].high <= 1.0
    assert total.losses["nothing"].high == pytest.approx(0.2 + 0.8 * share(0, of=2, size=8).high)


def test_the_interval_of_all_strata_holds_the_share_of_a_drawn_population_as_often_as_it_says() -> None:
    import random

    draw, held = random.Random(1), 0
    strata = [(0.02, 5_000), (0.3, 3_000), (0.6, 2_000)]
    truth = sum(p * size for p, size in strata) / 10_000
    for _ in range(400):
        parts = [(share(sum(draw.random() < p for _ in range(60)), of=60, size=size), size) for p, size in strata]
        found = whole(parts)
        held += found.low <= truth <= found.high
    assert 0.92 <= held / 400 <= 0.99


def test_a_pair_without_two_texts_is_said_and_counts_nowhere() -> None:
    gone = replace(pair(SENTENCE, SENTENCE), removed=None, kept=None, missing="the documents of OLD are gone")
    found = audited(gone, pair(SENTENCE, SENTENCE, id="s"), sizes={NEAR: 2})
    assert (found.total.compared, found.total.losses["nothing"].high, found.pairs[NEAR][-1]) == (1, 1.0, gone)
    assert found.total.losses["nothing"].low < 1.0  # of the other nothing is known
    page = render(replace(found, missing={"the documents of OLD are gone": 1}))
    assert "1 of the sample could not be compared: the documents of OLD are gone" in page


def test_what_the_kept_text_lacks_is_marked() -> None:
    page = render(audited(pair(f"{SENTENCE} It takes <an> hour.", SENTENCE), sizes={NEAR: 1}))
    assert "<mark>It takes &lt;an&gt; hour</mark>." in page
    assert "near_duplicate, 0.8 to 0.9" in page and "kept in OLD" in page


def test_hostile_text_becomes_no_element_attribute_or_style() -> None:
    pages = [render(audited(pair(words, f"{words} It rains."), sizes={NEAR: 1})) for words in (SENTENCE, HOSTILE)]
    plain, hostile = (parse(page) for page in pages)
    assert {tag for tag, _ in hostile} == {tag for tag, _ in plain}
    assert not {"script", "img", "link", "iframe", "object", "form", "base"} & {tag for tag, _ in hostile}
    assert {str(a["href"])[0] for tag, a in hostile if tag == "a"} == {"#"}
    assert "{{ 7 * 7 }}" in pages[1]
    assert pages[1].encode("utf-8").decode("utf-8") == pages[1]  # no lone surrogate
    policies = [a["content"] for tag, a in hostile if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
