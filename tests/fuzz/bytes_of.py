"""Damage to bytes as a strategy: what a torn download, a bad disk and a hostile writer do to them."""

from collections.abc import Callable, Iterable

from hypothesis import strategies as st

Mutation = Callable[[bytes], bytes]

_WHERE = st.integers(0, 10_000)  # ten-thousandths of the length, so that a mutation shrinks apart from what it hits
_FEW = st.integers(1, 40)


def _at(data: bytes, where: int) -> int:
    return len(data) * where // 10_000


def _flip(where: int, bit: int) -> Mutation:
    def flip(data: bytes) -> bytes:
        at = min(_at(data, where), len(data) - 1)
        return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :] if data else data

    return flip


def _replace(where: int, count: int, new: bytes) -> Mutation:
    return lambda data: data[: _at(data, where)] + new + data[_at(data, where) + count :]


def _repeat(where: int, count: int, times: int) -> Mutation:
    return lambda data: (
        data[: _at(data, where) + count]
        + data[_at(data, where) : _at(data, where) + count] * times
        + data[_at(data, where) + count :]
    )


def _move(source: int, count: int, target: int) -> Mutation:
    def move(data: bytes) -> bytes:
        part = data[_at(data, source) : _at(data, source) + count]
        rest = data[: _at(data, source)] + data[_at(data, source) + count :]
        return rest[: _at(rest, target)] + part + rest[_at(rest, target) :]

    return move


def _cut(where: int) -> Mutation:
    return lambda data: data[: _at(data, where)]


def spoilings() -> st.SearchStrategy[Mutation]:
    """Return single mutations that put nothing into the bytes that was somewhere else in them."""
    new = st.just(b"") | st.just(b"junk\n") | st.just(b"\0" * 40)
    return st.one_of(
        st.builds(_flip, _WHERE, st.integers(0, 7)),
        st.builds(_replace, _WHERE, st.just(0) | _FEW | st.integers(1, 5000), new),
        st.builds(_cut, _WHERE),
    )


def mutations(words: Iterable[bytes] = ()) -> st.SearchStrategy[Mutation]:
    """Return single mutations; `words` are what matters to the format, and are spliced in whole."""
    new = st.binary(max_size=20) | st.sampled_from([b"", b"\0" * 40, *words])
    return st.one_of(
        st.builds(_flip, _WHERE, st.integers(0, 7)),
        st.builds(_replace, _WHERE, st.just(0) | _FEW, new),
        st.builds(_replace, _WHERE, st.integers(1, 5000), st.just(b"")),
        st.builds(_repeat, _WHERE, _FEW | st.integers(1, 5000), st.integers(1, 3)),
        st.builds(_move, _WHERE, _FEW | st.integers(1, 5000), _WHERE),
        st.builds(_cut, _WHERE),
    )


@st.composite
def mutated(
    draw: st.DrawFn, base: st.SearchStrategy[bytes], *, by: st.SearchStrategy[Mutation] | None = None, at_most: int = 4
) -> bytes:
    """Make bytes of `base` with up to `at_most` mutations."""
    data = draw(base)
    for change in draw(st.lists(mutations() if by is None else by, max_size=at_most)):
        data = change(data)
    return data
