"""Perplexity: CCNet's normalisation, and the score of a text by the model of its language."""

import math

import pytest

from udfs.signals.perplexity import LanguageFiles, PerplexityModels, lines_of, normalised, perplexity


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("  Größe: ÀÉÎ \t", "große: aei"),
        ("a١２3", "a000"),  # digits of every script; so CCNet's own entry for the full-width one never applies
        ("„a“ «b» ’c´", '"a" "b" \'c\''),
        ("a—b – c…．x", "a - b - c.... x"),
        ("！？（）【】％～〈〉", "!?()[]%~<>"),
        ("a\x00b\x85c\td", "abcd"),
        ("", ""),
    ],
)
def test_a_text_is_normalised_as_ccnet_does(text: str, wanted: str) -> None:
    assert normalised(text) == wanted


def test_lines_are_scored_one_by_one_and_faithfully_as_one_without_breaks() -> None:
    text = "One two\n\n \nThree"
    assert list(lines_of(text, faithful=False)) == ["one two", "three"]
    assert list(lines_of("One two\nThree", faithful=True)) == ["one twothree"]


class Lm:
    """Give every piece and the end of a sentence a probability of a tenth."""

    def score(self, text: str) -> float:
        return -1.0 * (len(text.split()) + 1)


def test_perplexity_counts_the_end_of_each_sentence() -> None:
    found = perplexity([["a", "b"], ["c"]], Lm())
    assert found is not None and math.isclose(found, 10.0)
    assert perplexity([], Lm()) is None


def test_a_language_without_a_model_has_no_perplexity() -> None:
    assert PerplexityModels([], faithful=False).measure("text", "en") is None
    models = PerplexityModels([LanguageFiles("en", "a", "0" * 64, "b", "0" * 64)], faithful=False)
    assert models.measure("text", "xx") is None and models.measure("text", None) is None
