"""The labels that blocks are trained on."""

from bench.extraction.block_labels import label_blocks


def test_blocks_of_the_gold_text_are_labelled() -> None:
    blocks = ["menu home about", "the first paragraph of it", "related first posts", "the second one here"]
    gold = "the first paragraph of it the second one here"
    assert label_blocks([block.split() for block in blocks], gold.split()) == [False, True, False, True]


def test_a_block_that_stands_elsewhere_in_the_gold_is_found_and_a_copy_is_not() -> None:
    blocks = ["b b c d", "head of it", "a long text of many words", "head of it"]
    gold = "a long text of many words head of it b b c d"
    found = label_blocks([block.split() for block in blocks], gold.split())
    assert found[0] and found[2]
    assert sorted((found[1], found[3])) == [False, True]


def test_no_gold_no_blocks() -> None:
    assert label_blocks([["a"], []], []) == [False, False]
