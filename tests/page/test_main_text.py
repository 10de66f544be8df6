import pytest

from udfs.page import main_text as module
from udfs.page.main_text import ChainSettings, MainText, main_text

CHAIN = ChainSettings()
PROSE = "The council met on Tuesday to discuss the old railway station and what is to become of it."
PARAGRAPHS = [f"{n}. {PROSE}" for n in range(1, 9)]
ARTICLE = "<html><body><article><h1>Station</h1>" + "".join(f"<p>{p}</p>" for p in PARAGRAPHS) + "</article></body></html>"


def chained(html: str, plain: str, chain: ChainSettings = CHAIN) -> MainText:
    return main_text(html, plain, extractor="chain", favor="precision", chain=chain)


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Let each of trafilatura's passes return what the test says, and count as a real page otherwise."""
    texts: dict[str, str] = {}

    def fake(html: object, *, favor: str, fast: bool = False) -> str:
        return texts["fast" if fast else favor]

    monkeypatch.setattr(module, "_trafilatura", fake)
    return texts


@pytest.mark.parametrize(
    ("fast", "precision", "recall", "chosen"),
    [
        ("a " * 40, "b " * 90, "c " * 90, "trafilatura_fast"),
        ("a " * 39, "b " * 90, "c " * 90, "trafilatura"),
        ("a " * 39, "b " * 10, "c " * 90, "trafilatura"),
        ("a " * 39, "b " * 9, "c " * 90, "trafilatura_recall"),
        ("", "", "c " * 9, "trafilatura_recall"),
        ("", "", "", "resiliparse"),
        ("a " * 150, "", "", "trafilatura_fast"),
        ("a " * 151, "", "", "resiliparse"),
    ],
)
def test_the_chain_asks_further_as_far_as_the_text_is_implausible(
    passes: dict[str, str], fast: str, precision: str, recall: str, chosen: str
) -> None:
    passes.update(fast=fast, precision=precision, recall=recall)
    plain = "x " * 100
    found = chained(ARTICLE, plain)
    text = {"trafilatura_fast": fast, "trafilatura": precision, "trafilatura_recall": recall, "resiliparse": plain}[chosen]
    assert found == MainText(text, chosen)


def test_lines_at_the_edges_that_resiliparse_leaves_out_are_cut_and_counted(passes: dict[str, str]) -> None:
    passes["fast"] = "Read more: here\nOne line of text.\n---\n| A | cell |\nAnother li\u0301ne."
    found = chained(ARTICLE, "One line, of text!\nSome words more.\nA cell\nAnother lín e.")
    assert found == MainText("One line of text.\n---\n| A | cell |\nAnother li\u0301ne.", "trafilatura_fast", 1)


def test_lines_stay_where_most_of_the_text_would_go(passes: dict[str, str]) -> None:
    passes["fast"] = "kept line\nother words altogether here"
    assert chained(ARTICLE, "kept line and words that are long") == MainText(passes["fast"], "trafilatura_fast")


def test_resiliparse_is_no_measure_of_a_page_with_preformatted_text_nor_of_tables(passes: dict[str, str]) -> None:
    passes["fast"] = "Prose.\nx = 1\n" * 20
    assert chained(ARTICLE + "<PRE>x = 1</PRE>", "Prose.") == MainText(passes["fast"], "trafilatura_fast")
    assert chained(ARTICLE, "Prose.").extractor == "resiliparse"
    passes["fast"] = "Prose.\n" + "| x | 1 |\n" * 20
    assert chained(ARTICLE, "Prose.").extractor == "trafilatura_fast"


def test_what_is_no_html_to_libxml2_gives_the_plain_text() -> None:
    assert chained("<", "plain words") == MainText("plain words", "resiliparse")


def test_the_chain_keeps_paragraphs_lists_tables_and_code_on_lines_of_their_own() -> None:
    rows = "".join(f"<tr><td>row {n}</td><td>{n * 10}</td></tr>" for n in range(3))
    items = "".join(f"<li>{item}</li>" for item in ("first thing to know", "second thing to know"))
    code = "<pre><code>for x in range(3):\n    print(x)</code></pre>"
    html = ARTICLE.replace("</article>", f"<ul>{items}</ul><table>{rows}</table>{code}<p>{PROSE}</p></article>")
    plain = "\n\n".join(["Station", *PARAGRAPHS]) + "\n\n  • first thing to know\n  • second thing to know\n\n"
    plain += "row 0 0\nrow 1 10\nrow 2 20\n\nfor x in range(3):\n    print(x)\n\n" + PROSE
    lines = chained(html, plain).text.split("\n")
    assert [line for line in PARAGRAPHS if line not in lines] == []
    assert "- first thing to know" in lines
    assert "- second thing to know" in lines
    assert [line for line in lines if line.startswith("row ") or line.startswith("| row")] != []
    assert "    print(x)" in lines


@pytest.mark.parametrize("extractor", ["trafilatura", "chain"])
def test_the_same_page_gives_the_same_text_again(extractor: str) -> None:
    plain = "\n".join(PARAGRAPHS)
    texts = {main_text(ARTICLE, plain, extractor=extractor, favor="precision", chain=CHAIN) for _ in range(6)}  # type: ignore[arg-type]
    assert len(texts) == 1
