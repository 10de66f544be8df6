"""How kept blocks become lines."""

import pytest

from tests.blocks.reading import everything

TABLE = "<table><caption>Tides</caption><tr><th>Day<th>High<tr><td>Mon<td>4<tr><td>Tue<td></table>"


@pytest.mark.parametrize(
    ("html", "text", "markdown"),
    [
        ("<h2>Head</h2><p>text", ["Head", "text"], ["## Head", "", "text"]),
        ("<ul><li>one<li><p>two<p>more</ul>", ["- one", "- two", "more"], ["- one", "", "- two", "", "more"]),
        ("<ol><li>one<li>two</ol>", ["- one", "- two"], ["1. one", "2. two"]),
        (
            TABLE,
            ["Tides", "| Day | High |", "|---|---|", "| Mon | 4 |", "| Tue |  |"],
            ["Tides", "", "| Day | High |", "|---|---|", "| Mon | 4 |", "| Tue |  |"],
        ),
        ("<table><tr><th>Mon<td><ul><li>9 AM<li>1 PM</ul><td></table>", ["| Mon | 9 AM 1 PM |  |"], ["| Mon | 9 AM 1 PM |  |"]),
        ("<pre><code>if a:\n    b\n\nc</code></pre>", ["if a:", "    b", "", "c"], ["```", "if a:", "    b", "", "c", "```"]),
        (
            "<pre><span style='display:block'>a:</span><span style='display:block'>  b</span></pre>",
            ["a:", "  b"],
            ["```", "a:", "  b", "```"],
        ),
        ("<pre><div>a:</div><div>  b</div></pre>", ["a:", "  b"], ["```", "a:", "  b", "```"]),
    ],
)
def test_blocks_are_laid_out(html: str, text: list[str], markdown: list[str]) -> None:
    assert everything(html) == text
    assert everything(html, format="markdown") == markdown


def test_a_table_that_lays_out_paragraphs_is_no_table() -> None:
    cell = f"<p>{'long ' * 90}<p>next"
    assert everything(f"<table><tr><th>1<td>{cell}</table>") == ["1", ("long " * 90).strip(), "next"]
    nested = "<table><tr><td>menu<td><table><tr><td>a<td>b</table></table>"
    assert everything(nested) == ["menu", "| a | b |"]


def test_a_head_without_rows_has_no_rule() -> None:
    assert everything("<table><tr><th>a<th>b</table><p>c") == ["| a | b |", "c"]
