"""The choice between proposals: by predicted gains, never an empty text beside another, and the models that come with the project."""

import pytest

from udfs.page import choice
from udfs.page.choice import KINDS_MODEL, MODEL, Proposed, choose, features, proposals, propose
from udfs.page.line_layout import Layout
from udfs.page.trees import Trees, read_trees

ARTICLE = (
    "<html><body><article><h1>Rope</h1>"
    + "<p>A rope of hemp lasts four years if it is tarred each autumn.</p>" * 9
    + "</article>"
)


def texts(**changed: str) -> dict[str, str]:
    names = ("trafilatura", "trafilatura_comments", "trafilatura_cut", "resiliparse", "resiliparse_comments")
    return {name: f"text of {name}" for name in names} | changed


def proposed(**changed: str) -> Proposed:
    found = propose(ARTICLE, bare="bare", whole="whole")
    assert found is not None
    return Proposed(found.page, texts(**changed), 0)


@pytest.fixture
def gains(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Let the trees predict what the test says."""
    told: dict[str, float] = {}

    def fake(name: str) -> Trees:
        targets = told if name == MODEL else {"article": 0.2, "forum": 0.3}
        return Trees((), {target: (value,) for target, value in targets.items()})

    monkeypatch.setattr(choice, "read_trees", fake)
    return told


def test_the_proposal_with_the_highest_gain_is_taken_and_trafilatura_s_if_none_gains(gains: dict[str, float]) -> None:
    gains.update({name: -0.1 for name in texts() if name != "trafilatura"})
    assert choose(proposed()) == choice.Choice("text of trafilatura", "trafilatura", "forum")
    gains["resiliparse"] = 0.1
    assert choose(proposed()).proposal == "resiliparse"


def test_an_empty_text_is_taken_only_if_all_are_empty(gains: dict[str, float]) -> None:
    gains.update({name: -0.1 for name in texts() if name != "trafilatura"} | {"resiliparse": 0.5})
    assert choose(proposed(resiliparse="")).proposal == "trafilatura"
    assert (
        choose(proposed(trafilatura="", resiliparse="", trafilatura_cut="", trafilatura_comments="")).proposal
        == "resiliparse_comments"
    )
    assert choose(proposed(**dict.fromkeys(texts(), ""))) == choice.Choice("", "trafilatura", "forum")


def test_comments_follow_trafilatura_s_text_and_the_cut_one_lacks_its_edges() -> None:
    found = proposals(Layout("Menu\nText", "Text", 1), "A comment", "bare", "whole")
    assert found == {
        "trafilatura": "Menu\nText",
        "trafilatura_comments": "Menu\nText\nA comment",
        "trafilatura_cut": "Text",
        "resiliparse": "bare",
        "resiliparse_comments": "whole",
    }


def test_every_feature_of_the_models_is_one_that_is_measured() -> None:
    measured = features(proposed())
    for name in (MODEL, KINDS_MODEL):
        trees = read_trees(name)
        assert set(trees.features) <= set(measured)
        assert all(trees.targets.values())


def test_an_article_is_one() -> None:
    found = propose(ARTICLE.replace("</article>", "</article></body></html>"), bare="bare", whole="whole")
    assert found is not None
    assert choose(found).page_kind == "article"
