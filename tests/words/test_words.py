"""Words and sentences: the cuts of spaCy's English tokenizer, written down by hand, and no text that breaks them."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.least_time import least_seconds
from udfs.words import cuts as word_cuts
from udfs.words.cuts import peeled_words, spaced_words
from udfs.words.exceptions import EXCEPTIONS
from udfs.words.punctuation import CLAUSE, SYMBOLS, TERMINAL, WORDSPACE
from udfs.words.split import _PIECES as CUT_ANYWHERE
from udfs.words.split import count_sentences, split_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A word, and a word.", "A|word|,|and|a|word|."),
        ("Don't, can't; they’re here", "Do|n't|,|ca|n't|;|they|’re|here"),
        ("The cat's and O'Neil's id", "The|cat|'s|and|O'Neil|'s|i|d"),
        ("dont cannot gonna ill", "do|nt|can|not|gon|na|ill"),
        ("Mr. Lee (Dr. No) of the U.S.A.", "Mr.|Lee|(|Dr.|No|)|of|the|U.S.A."),
        ("Plan A. Then NASA.", "Plan|A.|Then|NASA|."),
        ("e.g. this, i.e. that etc.", "e.g.|this|,|i.e.|that|etc|."),
        ("wait... what?!", "wait|...|what|?|!"),
        ('"Quoted," he said — “twice”.', '"|Quoted|,|"|he|said|—|“|twice|”|.'),
        ("well-known 2010-2012 -5 --x a--b", "well|-|known|2010|-|2012|-5|--x|a|--|b"),
        ("either/or and/or w/o 1/2", "either|/|or|and/or|w/o|1/2"),
        ("5km 10kg 3pm 25% $5.00 US$10 10€", "5|km|10|kg|3|pm|25|%|$|5.00|US$|10|10|€"),
        ("1,000 3.14 1st", "1,000|3.14|1st"),
        ("see https://example.org/a_b?c=1#d, or www.example.org.", "see|https://example.org/a_b?c=1#d|,|or|www.example.org|."),
        ("mail jo-doe@example.org (home)", "mail|jo-doe@example.org|(|home|)"),
        ("nice:) yes/Mr. Lee", "nice|:)|yes|/|Mr.|Lee"),
        ("end.Next one,two :) <3", "end|.|Next|one|,|two|:)|<3"),
        ("nice😀 🎉🎉 •item", "nice|😀|🎉|🎉|•item"),
        ("#tag @me a_b 50C C++", "#|tag|@me|a_b|50C|C++"),
        ("[1][edit] {x}", "[|1][edit|]|{|x|}"),
        ("two  spaces\tand\nlines\u00a0here", "two|spaces|and|lines|here"),
        ("", ""),
        (" \n\t ", ""),
    ],
)
def test_english_words_are_cut_as_spacy_cuts_them(text: str, words: str) -> None:
    assert split_words(text) == (words.split("|") if words else [])


def test_scripts_without_spaces_give_one_word_a_character() -> None:
    assert split_words("日本語です。Hi") == ["日", "本", "語", "で", "す", "。", "Hi"]
    assert split_words("ที่นี่ 한국어 текст.") == ["ที่", "นี่", "한국어", "текст", "."]


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        ("No end mark", 1),
        ("One. Two! Three?", 3),
        ("One. Two", 2),
        ('He said: "Go." She went.', 2),
        ("Mr. Lee of the U.S. came at 3.30 p.m. today.", 1),
        ("Wait... what? (Yes!) No.", 3),
        ("It ended.[2] Again.", 1),
        ("It ended. ", 1),
        ("It ended.  ", 2),
        ("It ended.  Again.", 2),
        ("It ended.\tAgain.", 2),
        ("", 1),
        ("终。了。", 2),
    ],
)
def test_a_sentence_opens_with_the_first_word_after_an_end_mark(line: str, sentences: int) -> None:
    assert count_sentences(line) == sentences


def test_exceptions_are_their_own_words_joined() -> None:
    assert [text for text, words in EXCEPTIONS.items() if "".join(words) != text] == []
    assert [EXCEPTIONS[text] for text in ("shouldn't've", "I'm", "St.", "7pm")] == [
        ("should", "n't", "'ve"), ("I", "'m"), ("St.",), ("7", "pm"),
    ]  # fmt: skip
    assert {"ill", "Its", "hell", "we're", "were"} & EXCEPTIONS.keys() == {"we're"}


def test_punctuation_sets_hold_what_the_filters_hold() -> None:
    assert (len(TERMINAL), len(SYMBOLS), len(SYMBOLS - CLAUSE - {WORDSPACE})) == (159, 293, 281)
    assert {".", "!", "?", "。", "।", "؟"} <= TERMINAL
    assert {"…", "•", "+", "=", "€"} & SYMBOLS == {"…", "+", "="}


_PIECES = st.sampled_from(
    ["a", "B", "word", "Mr.", "don't", "U.S", "9", "km", "x.y", "é", "日本", "。", "😀", "ก็", "ክ", "፡", "።", "་", " ", "  ", "\n", "\u200b", "\x00",
     *".,;:!?'\"’“”()[]{}<>…-—–/@#$%&*+=_|~^`\\"]
)  # fmt: skip
_TEXTS = st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=20).map("".join))


@given(_TEXTS)
def test_words_keep_every_character_but_white_space(text: str) -> None:
    assert "".join(split_words(text)) == "".join(re.sub("(?<!፡)((?:፡፡)*)፡(?!፡)|[་༌]|(?<=[ក็])\u200b", r"\1 ", text).split())


@pytest.mark.parametrize(
    ("text", "words", "sentences"),
    [
        ("የሰው፡ልጅ፡ነው።ሰው፡ነው።", ["የሰው", "ልጅ", "ነው", "።", "ሰው", "ነው", "።"], 2),
        ("የሰው ፡ ልጅ፣ ነው", ["የሰው", "ልጅ", "፣", "ነው"], 1),
        ("፡ ፡", [], 1),
        ("ሰው ነው፡፡ ልጅ፡ነው፡፡", ["ሰው", "ነው", "፡፡", "ልጅ", "ነው", "፡፡"], 2),
        ("བོད་ཡིག་རེད། ཡིན།", ["བོད", "ཡིག", "རེད", "།", "ཡིན", "།"], 1),
        ("ក\u200bខ a\u200bb", ["ក", "ខ", "a\u200bb"], 1),
        ("Ողջ լինես։ Այո։", ["Ողջ", "լինես", "։", "Այո", "։"], 2),
        ("वह आया। वह गया।", ["वह", "आया", "।", "वह", "गया", "।"], 2),
    ],
)
def test_a_mark_in_place_of_a_space_parts_words_and_an_end_mark_of_any_script_sentences(
    text: str, words: list[str], sentences: int
) -> None:
    assert (split_words(text), count_sentences(text)) == (words, sentences)


@given(_TEXTS, _TEXTS)
def test_white_space_always_parts_words(left: str, right: str) -> None:
    assert split_words(f"{left}\n{right}") == split_words(left) + split_words(right)


@given(_TEXTS)
def test_sentences_are_no_more_than_words_and_white_spaces(text: str) -> None:
    assert 1 <= count_sentences(text) <= max(1, len(text))


@example("XD)")
@example("Mr.)")
@example("itd.")
@example("im.")
@example("shes.")
@given(st.from_regex(r"[A-Za-z]{1,6}[,;!?).]", fullmatch=True))
def test_the_short_way_for_common_words_gives_what_the_long_way_gives(chunk: str) -> None:
    assert spaced_words(chunk) == EXCEPTIONS.get(chunk, peeled_words(chunk))


_MARKS = st.sampled_from(["", "(", "“", "'", "[", "$", "+", "—", ".", ","])
_CORES = st.sampled_from(
    ["word", "Naïve", "Ünï", "слово", "Mr", "don't", "can", "1,000", "3.14", "5km", "10:30", "1..2", "well-known", "a--b", "o-o",
     "x=y", "W/O"]
)  # fmt: skip
_ENDS = st.sampled_from(["", "'d", ".", ",", ")", "’s", "'S", "s", "”", ":", "...", "…", "%", "!", "。"])


@given(_MARKS, _CORES, _ENDS, _ENDS)
def test_the_short_ways_for_common_chunks_give_what_the_long_way_gives(mark: str, core: str, end: str, last: str) -> None:
    chunk = mark + core + end + last
    assert spaced_words(chunk) == EXCEPTIONS.get(chunk, peeled_words(chunk))


@given(st.text(st.sampled_from("aS9.,'’\")…—–_°F$%²é漢😀·+"), min_size=1, max_size=8))
def test_the_short_ways_for_an_edge_give_what_its_rule_gives(chunk: str) -> None:
    prefix, suffix = word_cuts._PREFIX.match(chunk), word_cuts._SUFFIX.search(chunk)
    dots = len(chunk) - len(chunk.rstrip("."))
    assert word_cuts._prefix_end(chunk, 0, len(chunk)) == (prefix.end() if prefix else 0)
    if dots < 2:  # a run of dots is one suffix, whatever its length
        assert word_cuts._suffix_start(chunk, 0, len(chunk)) == (suffix.start() if suffix else len(chunk))


@given(_TEXTS)
def test_words_of_a_text_are_those_of_its_chunks(text: str) -> None:
    if CUT_ANYWHERE.search(text) is None:
        assert split_words(text) == [word for chunk in text.split() for word in spaced_words(chunk)]


@pytest.mark.parametrize("unit", ["a", ")", "(", ".", "\n", "a.", "@", "x:", "漢", "a.b@", ":)", "Mr.,", "é-", "9.", "…"])
def test_a_long_chunk_without_structure_costs_linear_time(unit: str) -> None:
    few, many = (unit * (characters // len(unit)) for characters in (10_000, 100_000))
    assert sum(map(len, split_words(many))) == len("".join(many.split()))
    short, long = (least_seconds(lambda text: (split_words(text), count_sentences(text)), text) for text in (few, many))
    # Ten times the text costs about ten times the time; a quadratic step would cost a hundred. The floor absorbs noise.
    assert long < 40 * max(short, 0.01)
