"""The docs read easily: lines end at 100 columns, sentences end in time, and links lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "bench/results").glob("*.md")])
COLUMNS = 100
WORDS = 35  # the house rule is twenty; a list of names may be longer
LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s]+)\)")
MARK = re.compile(r"<!-- (end of )?[a-z]+ -->$")  # what a script writes stands between two of these
ITEM = re.compile(r"\s*(?:[-*]|\d+\.)\s+")


def prose(text: str) -> Iterator[str]:
    """Yield the lines of prose, and an empty line where a paragraph, a list item, a table or code ends it."""
    fenced = generated = in_item = False
    before = ""
    for line in text.split("\n"):
        fenced ^= line.startswith("```")
        if mark := MARK.match(line):
            generated = mark[1] is None
        item = ITEM.match(line) is not None
        in_item = item or (in_item and (not line or line.startswith(" ")))
        code = fenced or line.startswith("```") or (line.startswith("    ") and not item and not before and not in_item)
        code = code or (line.startswith("        ") and not before)
        if generated or code or not line or line.startswith(("|", "#", "<!--", "![")):
            before = ""
            yield ""
        else:
            if item:
                yield ""
            before = line
            yield line


def paragraphs(text: str) -> Iterator[str]:
    """Yield each paragraph and list item as one line, with links and code as single words."""
    block: list[str] = []
    for line in [*prose(text), ""]:
        if line:
            block.append(line.strip())
        elif block:
            plain = re.sub(r"`[^`]*`", "code", " ".join(block))
            yield LINK.sub(r"\1", plain)
            block = []


def sentences(paragraph: str) -> list[str]:
    """Cut at every full stop before a space: after an abbreviation too, which makes a sentence look shorter, never longer."""
    return re.split(r"(?<=[.!?])[)*\"”]*\s+", paragraph)


def test_a_sentence_ends_at_a_full_stop_and_may_begin_with_a_small_letter() -> None:
    assert sentences("One has 0.5 s. `a.b` is two (or so.) **Three.** gristmill is last.") == [
        "One has 0.5 s.",
        "`a.b` is two (or so.",
        "**Three.",
        "gristmill is last.",
    ]


def test_only_prose_is_looked_at() -> None:
    text = "# T\n\nA b\nc.\n\n    code\n\n| a | b |\n\n - x\n   y\n - z\n\n```\nd\n```\n<!-- table -->\ne\n<!-- end of table -->\nf"
    assert list(paragraphs(text)) == ["A b c.", "- x y", "- z", "f"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_prose_ends_at_100_columns(page: Path) -> None:
    long = [line for line in prose(page.read_text("utf-8")) if len(line) > COLUMNS and not LINK.search(line)]
    assert long == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_sentence_is_longer_than_35_words(page: Path) -> None:
    found = [s for paragraph in paragraphs(page.read_text("utf-8")) for s in sentences(paragraph)]
    assert [sentence for sentence in found if len(sentence.split()) > WORDS] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for _, target in LINK.findall(page.read_text("utf-8")):
        if "://" not in target:
            name, _, heading = target.partition("#")
            file = (page.parent / name) if name else page
            if not file.exists() or (heading and heading not in anchors(file)):
                broken.append(target)
    assert broken == []


def anchors(page: Path) -> set[str]:
    """Return the anchors that a page's headings make."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
