"""Tests of the readers of harnesses' JSON: each form, what is left out and why, and what is refused."""

from typing import Any

import pytest

from udfs.testbed.harness_results import Accuracies, ResultsError, read_accuracies, together


def _read(document: Any) -> Accuracies:
    return read_accuracies(document, where="results.json")


def test_dclm_names_tasks_as_core_does() -> None:
    found = _read({"eval_metrics": {"icl": {"boolq": 0.6, "aqua": 0.1, "copa": None}}, "Core": 0.3})
    assert found == Accuracies("DCLM", {"boolq": 0.6}, {"aqua": "is no task of CORE or EXTENDED", "copa": "has no accuracy"})


def test_lm_evaluation_harness_has_other_names_and_says_how_many_examples_there_were() -> None:
    rows = {
        "arc_easy": {"alias": "arc_easy", "acc,none": 0.5, "acc_stderr,none": 0.01, "acc_norm,none": 0.45},
        "hellaswag": {"acc,none": 0.3, "acc_norm,none": 0.35},
        "openbookqa": {"acc,none": 0.2},
        "piqa": {"acc,none": 0.7},
        "wikitext": {"word_perplexity,none": 20.0},
        "coqa": {"f1,none": 0.6},
        "copa": {"acc,none": 0.6},
    }
    shots = {"arc_easy": 10, "hellaswag": 0, "openbookqa": 0, "piqa": 0, "coqa": 0}
    assert _read({"results": rows, "n-shot": shots}) == Accuracies(
        "lm-evaluation-harness",
        {"arc_easy": 0.45, "hellaswag_zeroshot": 0.35, "openbook_qa": 0.2},
        {
            "piqa": "was asked with 0 examples, and CORE asks with 10",
            "wikitext": "is no task of CORE or EXTENDED",
            "coqa": "has no accuracy",
            "copa": "does not say how many examples stood before an item, and CORE asks with 0",
        },
    )


def test_llm_foundrys_parts_of_a_task_are_averaged() -> None:
    document = {
        "metrics/jeopardy/world_history/10-shot/InContextLearningLMAccuracy": 0.2,
        "metrics/jeopardy/literature/10-shot/InContextLearningLMAccuracy": 0.4,
        "metrics/boolq/10-shot/InContextLearningMultipleChoiceAccuracy": 0.6,
        "metrics/boolq/0-shot/InContextLearningMultipleChoiceAccuracy": 0.5,
        "time/batch": 30,
    }
    found = _read(document)
    assert (found.harness, found.found, found.others) == ("llm-foundry", {"jeopardy": pytest.approx(0.3), "boolq": 0.6}, {})


def test_our_own_results_say_accuracy_and_examples() -> None:
    tasks = {"copa": {"accuracy": 0.7, "items": 100, "shots": 0}, "ours": {"accuracy": 0.5, "shots": 0}}
    assert _read({"arm": "a", "tasks": tasks}).found == {"copa": 0.7}


@pytest.mark.parametrize("document", [None, [], {}, {"results": [1]}, {"tasks": {"copa": 0.5}}, {"loss": 2.0}], ids=repr)
def test_json_of_another_form_is_refused_with_the_known_ones(document: Any) -> None:
    with pytest.raises(ResultsError, match=r"results.json is no result.*lm-evaluation-harness"):
        _read(document)


@pytest.mark.parametrize("value", [61.0, -0.1, float("nan"), "0.6", True], ids=repr)
def test_a_number_that_is_no_share_is_refused(value: Any) -> None:
    with pytest.raises(ResultsError, match="boolq has the accuracy"):
        _read({"icl": {"boolq": value}})


def test_two_results_of_a_task_are_refused_in_one_file_and_in_two() -> None:
    rows = {"openbookqa": {"acc": 0.2}, "openbook_qa": {"acc": 0.3}}
    with pytest.raises(ResultsError, match="two results of openbook_qa"):
        _read({"results": rows, "n-shot": dict.fromkeys(rows, 0)})
    one = _read({"icl": {"boolq": 0.6}})
    with pytest.raises(ResultsError, match="two files have boolq"):
        together([one, one], where="results.json")


def test_files_of_one_model_make_one_result() -> None:
    zero = _read({"results": {"copa": {"acc": 0.7}, "piqa": {"acc": 0.6}}, "n-shot": {"copa": 0, "piqa": 0}})
    ten = _read({"results": {"piqa": {"acc": 0.65}}, "n-shot": {"piqa": 10}})
    assert together([zero, ten], where="both") == Accuracies("lm-evaluation-harness", {"copa": 0.7, "piqa": 0.65}, {})
