"""Packing, by property: every token stands once, no document is cut that need not be, and padding stays small."""

from collections import defaultdict
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.tokens.packing import Gaps, Method, Piece, pack

LENGTHS = st.lists(st.integers(0, 70), max_size=60)


def by_document(pieces: list[Piece]) -> dict[int, list[Piece]]:
    found = defaultdict(list)
    for piece in pieces:
        found[piece.document].append(piece)
    return {document: sorted(mine, key=lambda piece: piece.start) for document, mine in found.items()}


@pytest.mark.parametrize("method", ["best_fit", "concatenate"])
@given(lengths=LENGTHS, size=st.integers(1, 20))
def test_every_token_stands_once_and_sequences_are_filled_from_their_start(
    method: Method, lengths: list[int], size: int
) -> None:
    pieces = pack(lengths, sequence_length=size, method=method)
    for document, mine in by_document(pieces).items():
        assert [piece.start for piece in mine] == [0, *(piece.end for piece in mine[:-1])]
        assert mine[-1].end == lengths[document]
    assert set(by_document(pieces)) == {document for document, length in enumerate(lengths) if length}
    ends: dict[int, int] = {}
    for piece in pieces:  # by sequence and place
        assert piece.at == ends.get(piece.sequence, 0) and piece.length > 0
        ends[piece.sequence] = piece.at + piece.length
    assert list(ends) == list(range(len(ends))) and all(end <= size for end in ends.values())


@given(lengths=LENGTHS, size=st.integers(1, 20))
def test_best_fit_cuts_a_document_only_where_it_must(lengths: list[int], size: int) -> None:
    found = by_document(pack(lengths, sequence_length=size, method="best_fit"))
    assert {document: len(mine) for document, mine in found.items()} == {
        document: ceil(length / size) for document, length in enumerate(lengths) if length
    }


@given(lengths=LENGTHS, size=st.integers(1, 20))
def test_concatenation_leaves_room_in_the_last_sequence_alone(lengths: list[int], size: int) -> None:
    pieces = pack(lengths, sequence_length=size, method="concatenate")
    assert len({piece.sequence for piece in pieces}) == ceil(sum(lengths) / size)


@given(lengths=st.lists(st.integers(1, 20), min_size=1, max_size=60))
def test_best_fit_takes_what_searching_every_sequence_takes(lengths: list[int]) -> None:
    """The oracle: longest first, into the fullest sequence that has room, looked for one by one."""
    filled: list[int] = []
    for length in sorted(lengths, reverse=True):
        room = [end for end in filled if end + length <= 20]
        if room:
            filled[filled.index(max(room))] += length
        else:
            filled.append(length)
    ends: dict[int, int] = {}
    for piece in pack(lengths, sequence_length=20, method="best_fit"):
        ends[piece.sequence] = piece.at + piece.length
    assert sorted(ends.values()) == sorted(filled)


def test_the_least_gap_that_is_large_enough_is_taken_and_a_full_sequence_is_forgotten() -> None:
    gaps = Gaps(100)
    for sequence, gap in enumerate((7, 0, 64, 7, 100)):
        gaps.give(sequence, gap)
    assert [gaps.take(5), gaps.take(5), gaps.take(5), gaps.take(65), gaps.take(1)] == [(3, 7), (0, 7), (2, 64), (4, 100), None]


def test_many_documents_of_many_lengths_leave_less_than_a_thousandth_of_padding() -> None:
    lengths = [(place * 7919) % 2500 + 1 for place in range(20_000)]
    pieces = pack(lengths, sequence_length=2048, method="best_fit")
    sequences = len({piece.sequence for piece in pieces})
    assert 1 - sum(lengths) / (sequences * 2048) < 0.001
