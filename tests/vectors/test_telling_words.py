"""Words that name clusters: the weights by their definition, any order of texts, scripts without spaces, bounded memory."""

import math
from random import Random

import pytest

from udfs.vectors.telling_words import counted, distinct_words, named, telling_words

TEXTS = [
    (0, "the wine of the valley"),
    (0, "the wine of the hill wine wine wine"),
    (0, "the cheese of the hill"),
    (1, "the engine of the car"),
    (1, "the car and the road"),
]


def test_words_are_ranked_by_their_weight() -> None:
    shares = {"wine": 2 / 3, "hill": 2 / 3, "the": 1.0, "valley": 1 / 3, "cheese": 1 / 3}
    mean = (sum(shares.values()) + 1 + 0.5 + 1 + 0.5 + 0.5) / 2  # of 1: the, engine, car, and, road

    def weight(word: str) -> float:
        share, overall = shares[word], shares[word] + (1 if word == "the" else 0)
        return math.sqrt(share) * (1 - share / 2) * (len(word) - 1) / 6 * math.log1p(mean / overall)

    assert weight("hill") == weight("wine") > weight("the") > 0
    assert telling_words(TEXTS) == {0: ("hill", "wine", "the"), 1: ("car", "the")}


def test_words_of_grammar_do_not_name_a_cluster_of_one_language() -> None:
    german = [(0, f"das ist die Küche {word}") for word in ("Fenster", "Fenster", "Garten", "Garten")]
    assert telling_words([*german, (1, "with that window"), (1, "with that garden")])[0][:2] == ("fenster", "garten")


def test_the_order_of_texts_says_nothing() -> None:
    expected = telling_words(TEXTS)
    for seed in range(5):
        mixed = list(TEXTS)
        Random(seed).shuffle(mixed)
        assert telling_words(mixed) == expected


def test_a_repeated_word_counts_once_a_document() -> None:
    assert counted(TEXTS).words[0]["wine"] == 2


def test_a_word_of_one_document_names_no_larger_cluster() -> None:
    assert "valley" not in telling_words(TEXTS, top=99)[0]
    assert telling_words([(7, "only valley")]) == {7: ("valley", "only")}


def test_a_cluster_without_words_has_no_name() -> None:
    assert telling_words([(3, "12 34 !"), (3, "")]) == {3: ()}
    assert telling_words([]) == {}


@pytest.mark.parametrize(
    ("texts", "word"),
    [
        (("機器学習は楽しい", "機器学習の本", "これは機器学習"), "機器学習"),
        (("このデータベースは", "データベースを", "新しいデータベース"), "データベース"),
        (("ภาษาไทยง่าย", "ภาษาไทยดี", "เรียนภาษาไทย"), "ภาษาไทย"),
        (("हिन्दी भाषा", "हिन्दी में", "की हिन्दी"), "हिन्दी"),
    ],
)
def test_scripts_of_all_kinds_name_their_clusters(texts: tuple[str, ...], word: str) -> None:
    assert telling_words([*((0, text) for text in texts), (1, "other words"), (1, "other words")])[0][0] == word


def test_pieces_of_unlike_frequency_are_not_joined() -> None:
    texts = [(0, "東京"), (0, "東京"), (0, "東京"), (0, "東京都"), (0, "東京都"), (1, "other"), (1, "other")]
    assert set(telling_words(texts)[0]) == {"東京", "京都"}


def test_words_are_of_the_first_characters_only() -> None:
    assert "late" not in distinct_words("early " * 400 + "late")


def test_memory_is_bounded_and_frequent_words_survive() -> None:
    texts = [(place % 2, f"common{'abcdef'[place % 2]} rare{place} once{place}") for place in range(1_000)]
    counts = counted(texts, most=100)
    assert sum(map(len, counts.words.values())) <= 100 + 3
    assert named(counts)[0][0] == "commona"
