"""The pass in memory, against the definition read literally."""

from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.dedup.one_pass import Decision, Left, Pair, Thresholds, one_pass


def test_a_document_is_dropped_only_by_a_kept_one() -> None:
    left = [Left(0, None, 0, None), Left(1, None, 1, None), Left(2, None, 2, None)]
    pairs = [Pair(0, 1, 9, 10, 10), Pair(1, 2, 9, 10, 10), Pair(0, 2, 5, 10, 10)]
    assert one_pass(left, pairs, thresholds=Thresholds("jaccard", 0.8, 0)) == [
        Decision(0, "kept", None, None, None),
        Decision(1, "dropped", "near_duplicate", 0, 9 / 11),
        Decision(2, "kept", None, None, None),
    ]


def test_what_is_published_stays_and_drops_others() -> None:
    left = [Left(-2, 1, -2, None), Left(-1, 1, -1, None), Left(3, None, 3, None)]
    assert one_pass(left, [Pair(-1, 3, 4, 4, 5)], thresholds=Thresholds("containment", 0.8, 0)) == [
        Decision(-2, "kept", None, None, None),
        Decision(-1, "kept", None, None, None),
        Decision(3, "dropped", "near_duplicate", -1, 0.8),
    ]


def test_containment_asks_how_much_of_the_worse_one_is_in_the_better() -> None:
    pair = [Pair(0, 1, 10, 100, 10)]
    assert [
        d.outcome
        for d in one_pass([Left(0, None, 0, None), Left(1, None, 1, None)], pair, thresholds=Thresholds("containment", 0.9, 0))
    ] == [
        "kept",
        "dropped",
    ]
    turned = [Left(2, None, 0, None), Left(1, None, 1, None)]  # the class of the long text has only a worse document left
    assert [d.outcome for d in one_pass(turned, pair, thresholds=Thresholds("containment", 0.9, 0))] == ["kept", "kept"]


def test_captures_of_one_url_are_duplicates_if_their_texts_are_alike() -> None:
    left = [Left(0, 7, 0, None), Left(1, 7, 1, None), Left(2, 7, 2, None), Left(3, 7, 1, None), Left(4, 8, 4, None)]
    pairs = [Pair(0, 1, 1, 10, 10, lsh=False), Pair(1, 2, 5, 10, 10, lsh=False), Pair(0, 4, 10, 10, 10, lsh=False)]
    assert one_pass(left, pairs, thresholds=Thresholds("jaccard", 0.1, 0.2)) == [
        Decision(0, "kept", None, None, None),
        Decision(1, "kept", None, None, None),
        Decision(2, "dropped", "exact_url", 1, 5 / 15),
        Decision(3, "dropped", "exact_url", 1, 1.0),
        Decision(4, "kept", None, None, None),
    ]


def test_texts_without_a_shingle_are_not_alike() -> None:
    left = [Left(0, 7, 0, None), Left(1, 7, 1, None)]
    kept = one_pass(left, [Pair(0, 1, 0, 0, 0, lsh=False)], thresholds=Thresholds("jaccard", 0.8, 0.2))
    assert [d.outcome for d in kept] == ["kept", "kept"]


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[Left], list[Pair]]:
    """Make documents with groups and classes of one text, and pairs of classes."""
    group = st.none() | st.integers(0, 3)
    size = draw(st.integers(1, 8))
    left = [Left(nr, draw(group), draw(st.integers(0, nr)) if draw(st.booleans()) else nr, draw(group)) for nr in range(size)]
    classes = sorted({document.text for document in left})
    pairs = [
        Pair(a, b, draw(st.integers(0, 6)), 6, draw(st.integers(6, 9)), draw(st.booleans()))
        for a in classes
        for b in classes
        if a < b and draw(st.booleans())
    ]
    return left, pairs


@settings(deadline=None)
@given(problems(), st.sampled_from(["jaccard", "containment"]), st.sampled_from([0, 0.3]))
def test_it_is_the_definition(problem: tuple[list[Left], list[Pair]], measure: str, least: float) -> None:
    left, pairs = problem
    both = {(p.a, p.b): p for p in pairs}

    def near(ours: Left, theirs: Left) -> bool:
        pair = both.get((min(ours.text, theirs.text), max(ours.text, theirs.text)))
        if pair is None or not pair.lsh:
            return False
        n_ours, n_theirs = (pair.n_a, pair.n_b) if ours.text == pair.a else (pair.n_b, pair.n_a)
        return pair.common / (n_ours if measure == "containment" else n_ours + n_theirs - pair.common) >= 0.6

    def alike(ours: Left, theirs: Left) -> bool:
        pair = both.get((min(ours.text, theirs.text), max(ours.text, theirs.text)))
        same = least == 0 or ours.text == theirs.text
        return same or (pair is not None and pair.common / (pair.n_a + pair.n_b - pair.common) >= least)

    kept: list[Left] = []
    for ours in left:
        if not any(
            ours.text == k.text
            or (ours.url is not None and ours.url == k.url and alike(ours, k))
            or (ours.digest is not None and ours.digest == k.digest)
            or near(ours, k)
            for k in kept
        ):
            kept.append(ours)
    decisions = one_pass(reversed(left), pairs, thresholds=Thresholds(measure, 0.6, least))
    assert [d.nr for d in decisions if d.outcome == "kept"] == [k.nr for k in kept]
    assert {d.witness for d in decisions if d.outcome == "dropped"} <= {k.nr for k in kept}
