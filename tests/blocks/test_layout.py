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


def test_a_cell_of_one_heading_or_one_line_of_code_is_a_cell() -> None:
    plans = "<table><tr><th><h3>Plan</h3><th><h3>Room</h3><tr><td><h4>Basic</h4><td>5 GB<tr><td><h4>12</h4><td>50 GB</table>"
    assert everything(plans) == ["| Plan | Room |", "|---|---|", "| Basic | 5 GB |", "| 12 | 50 GB |"]
    assert everything("<table><tr><td><pre>--all</pre><td>hidden files too</table>") == ["| --all | hidden files too |"]


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<table><tr><td><h2>One</h2><td><h2>Two</h2></table>", ["One", "Two"]),
        ("<table><tr><th>logo<th><h1>The page</h1></table>", ["logo", "The page"]),
        ("<table><tr><td><h3>One</h3><p>text</p><td>Two</table>", ["One", "text", "Two"]),
        ("<table><tr><td>run<td><pre>a\nb</pre></table>", ["run", "a", "b"]),
        ("<table><tr><td><pre>1</pre><td><pre>walk()</pre></table>", ["1", "walk()"]),
    ],
)
def test_headings_and_code_that_lay_out_a_page_are_no_cells(html: str, lines: list[str]) -> None:
    assert everything(html) == lines


def test_code_that_is_not_preformatted_keeps_its_indentation() -> None:
    made = "<div><code>&nbsp;&nbsp;</code><code>FROM</code> <code>harbours</code></div>"
    assert everything(f"<div><code>SELECT</code> <code>name</code></div>{made}") == ["SELECT name", "  FROM harbours"]
    assert everything("<p><code>if a:<br>&nbsp; b()</code>") == ["if a:", " b()"]
    assert everything("<p>&nbsp;&nbsp;plain text") == ["plain text"]


def test_columns_of_spans_do_not_join_their_words() -> None:
    assert everything("<div><span>Nettle soup</span><span>8.50</span></div>") == ["Nettle soup 8.50"]
    assert everything("<li><span>Bedrooms</span><span>2</span></li>") == ["- Bedrooms 2"]
    for joined in (
        "<span>Securi</span><span>ng</span>",
        "<span>H</span><span>2</span>",
        "<code><span>my</span><span>Map</span></code>",
    ):
        assert " " not in everything(f"<p>{joined}")[0]
