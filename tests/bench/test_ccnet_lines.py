from bench.signals.ccnet_lines import compare


def test_a_document_that_differs_is_named_and_the_rest_counted() -> None:
    texts = {"a": "one\ntwo", "b": "three\none", "c": "one", "d": "four"}
    theirs = {"a": "two", "b": "three", "d": "four"}
    ours = {"a": "two\n", "b": "three\none", "d": "four"}
    told = compare(texts, theirs=theirs, ours=ours)
    assert "| 4 | 6 | 3 | 3 | 1 | 1 |" in told
    assert told.endswith(" - b: 5 characters by the reference, 9 by gristmill")
