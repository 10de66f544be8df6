"""Decide what becomes of a page and its texts: one megadoc, or the same texts apart, or a reason for each of them."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from udfs.megadocs.cut import Span, cut
from udfs.megadocs.weave import Parent, Piece, Place, Woven, in_order, stitched, stretched

Weave = Literal["stitch", "stretch", "simple"]
Order = Literal["generation", "hash"]
Row = dict[str, Any]


@dataclass(frozen=True)
class WeaveSettings:
    """How megadocs are woven; the recipe's [megadocs] explains each."""

    weave: Weave
    generations: int
    min_generations: int
    real: Place = "last"
    order: Order = "generation"
    seed: int = 1
    separator: str = "\n\n"
    opening: str = "\n\n<think>\n"
    closing: str = "\n</think>\n\n"
    max_characters: int = 10_000_000


@dataclass(frozen=True)
class Group:
    """A page, the facts that its megadoc takes over, and its texts; `gaps` of a thought by id, where its corpus says them.

    `too_long` says that the texts were too long to be held together: then they are empty here.
    """

    page: Piece
    facts: Row
    texts: tuple[Piece, ...]
    gaps: dict[str, int]
    too_long: bool = False


def group_rows(group: Group, *, settings: WeaveSettings) -> Iterator[Row]:
    """Yield the document rows of a page and its texts: what is woven, and a row for each piece that is left out.

    Every piece stands in one row: among the parents of a document, or as the one parent of a row that says why it is left out.
    """
    judged = list(_judged(group, settings))
    chosen = [piece for piece, fault in judged if fault is None]
    yield from (left_out(piece, *fault) for piece, fault in judged if fault is not None)
    spans = _spans(group, settings)
    refusal = _refusal(group, len(chosen), spans, settings)
    if refusal is not None:
        yield left_out(group.page, "dropped", refusal)
        yield from (left_out(piece, "dropped", "page_left_out") for piece in chosen)
        return
    if settings.real == "none":
        yield left_out(group.page, "dropped", "real_none")
    yield from _documents(group, chosen, spans, settings)


def left_out(piece: Piece, outcome: str, reason: str) -> Row:
    """Return the row of a piece that stands in no megadoc."""
    place = {"id": f"{piece.id}#unwoven", "file_path": piece.root, "nth": piece.nth}
    return place | {"parents": [_parent(piece.root, piece.id)], "outcome": outcome, "reason": reason}


def _judged(group: Group, settings: WeaveSettings) -> Iterator[tuple[Piece, tuple[str, str] | None]]:
    """Say of each text, by its number, that it is woven, or with which outcome and reason it is left out."""
    taken: list[int] = []
    for piece in in_order(group.texts, by="generation", seed=settings.seed):
        if settings.weave == "stretch" and not _has_gap(piece, group.gaps, settings.generations):
            yield piece, ("failed", "no_gap")
        elif len(taken) == settings.generations or (settings.weave == "stretch" and piece.nth in taken):
            yield piece, ("dropped", "more_texts")
        else:
            taken.append(piece.nth)
            yield piece, None


def _has_gap(piece: Piece, gaps: dict[str, int], wanted: int) -> bool:
    return 0 <= piece.nth < wanted and gaps.get(piece.id, wanted) == wanted


def _spans(group: Group, settings: WeaveSettings) -> tuple[Span, ...]:
    if settings.weave != "stretch" or group.too_long:
        return ()
    return cut(group.page.text, pieces=settings.generations + 1)


def _refusal(group: Group, texts: int, spans: Sequence[Span], settings: WeaveSettings) -> str | None:
    if group.too_long:
        return "too_long"
    if texts < settings.min_generations:
        return "few_texts"
    return "few_tokens" if any(start == end for start, end in spans) else None


def _documents(group: Group, texts: Sequence[Piece], spans: Sequence[Span], settings: WeaveSettings) -> Iterator[Row]:
    page, real = group.page, settings.real != "none"
    synthetic = {"dump": group.facts.get("dump")}  # a text that holds nothing of the page has none of its facts
    if settings.weave == "simple":
        yield from (_document(one, _alone(one), synthetic, settings) for one in texts)
        if real:
            yield _document(page, _alone(page), group.facts, settings)
    elif settings.weave == "stretch":
        thoughts = {one.nth: one for one in texts}
        woven = stretched(page, thoughts, spans=spans, opening=settings.opening, closing=settings.closing)
        yield _document(page, woven, group.facts, settings)
    elif real or texts:
        ordered = in_order(texts, by=settings.order, seed=settings.seed)
        woven = stitched(page, ordered, real=settings.real, separator=settings.separator)
        yield _document(page, woven, group.facts if real else synthetic, settings)


def _alone(piece: Piece) -> Woven:
    return Woven(piece.text, (Parent(piece.root, piece.id, 0, len(piece.text)),))


def _document(of: Piece, woven: Woven, facts: Row, settings: WeaveSettings) -> Row:
    place = {"id": f"{of.id}#{settings.weave}", "file_path": of.root, "nth": of.nth}
    made = {"parents": [asdict(parent) for parent in woven.parents], "text": woven.text, "outcome": "extracted"}
    return place | facts | made


def _parent(root: str, id: str) -> Row:
    return {"root": root, "id": id, "start": None, "end": None}
