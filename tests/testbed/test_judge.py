"""Tests of the judgement over a comparison's folder: what decides, what is refused, and what the page and the terminal say."""

import json
from pathlib import Path

import pytest

from jobs.testbed.judge import write_judgement
from jobs.testbed.judgement import judged
from jobs.testbed.outcome import OutcomeError, Run, read_outcome
from jobs.testbed.page import cautions, render, verdicts
from tests.report.test_report_page import parse
from tests.testbed.made_outcome import VALUES, write_outcome

SECTIONS = ("summary", "ranking", "pairs", "curves", "measures", "positions", "arms", "terms", "settings")


def test_what_differs_is_ranked_and_two_runs_of_one_corpus_are_not_told_apart(tmp_path: Path) -> None:
    found = judged(read_outcome(write_outcome(tmp_path)))
    assert found.deciding is not None and (found.deciding.name, found.deciding.parts) == ("text that is not web", 2)
    assert list(verdicts(found)) == [
        "rules is better than shuffled and raw.",
        "rules-again is better than shuffled and raw.",
        "raw is better than shuffled.",
        "Not told apart: rules-again and rules.",
    ]


def test_the_measures_are_every_text_and_task_and_their_means(tmp_path: Path) -> None:
    found = judged(read_outcome(write_outcome(tmp_path)))
    assert [(one.kind, one.name, one.web, one.lower_is_better) for one in found.measures] == [
        ("text", "text that is not web", False, True),
        ("text", "letters", False, True),
        ("text", "books", False, True),
        ("text", "web", True, True),
        ("answers", "right answers", False, True),
        ("answers", "arc_easy", False, True),
        ("answers", "copa", False, True),
        ("accuracy", "centred accuracy", False, False),
        ("accuracy", "arc_easy", False, False),
        ("accuracy", "copa", False, False),
    ]
    centred = found.measures[7].comparison.means["raw"].value
    first = [(0.30 - value / 50 - 0.25) / 0.75 for value in VALUES["raw"]]
    assert centred == pytest.approx((sum(first) / 3 + sum((0.6 - seed / 100 - 0.5) / 0.5 for seed in (1, 2, 3)) / 3) / 2)


def test_web_text_alone_ranks_nothing(tmp_path: Path) -> None:
    found = judged(read_outcome(write_outcome(tmp_path, web_only=True)))
    assert found.deciding is None and not found.ranked
    assert [line.startswith("Nothing is ranked: only web text was measured") for line in verdicts(found)] == [True]


def test_a_small_model_and_an_arm_that_is_gone_through_often_are_said(tmp_path: Path) -> None:
    outcome = read_outcome(write_outcome(tmp_path))
    small = "The model has 3,343,296 parameters. Below 15 million a ranking says little of large models."
    assert list(cautions(outcome)) == [small]
    arms = tuple(arm.model_copy(update={"epochs": 4.1 if arm.name != "raw" else 4.0}) for arm in outcome.facts.arms)
    facts = outcome.facts.model_copy(
        update={"arms": arms, "model": outcome.facts.model.model_copy(update={"parameters": 15_000_000})}
    )
    found = outcome.model_copy(update={"facts": facts})
    often = "A run goes more than 4 times through rules, rules-again and shuffled, so repetition is compared too."
    assert list(cautions(found)) == [often] and often in render(found, judged(found))


def test_an_arm_whose_models_know_no_more_than_how_common_tokens_are_is_named(tmp_path: Path) -> None:
    outcome = read_outcome(write_outcome(tmp_path))
    small = next(cautions(outcome))

    def marked(run: Run) -> Run:  # 2.35 lies between the values of shuffled words and of all others
        texts = {name: text.model_copy(update={"unigram": 2.35}) for name, text in run.bits_per_byte.items()}
        return run.model_copy(update={"bits_per_byte": texts})

    found = list(cautions(outcome.model_copy(update={"runs": tuple(map(marked, outcome.runs))})))
    assert found[0] == small and len(found) == 2
    assert found[1].startswith("Models of shuffled know no more of held-out text than how common each token is.")


def test_one_seed_ranks_nothing(tmp_path: Path) -> None:
    found = judged(read_outcome(write_outcome(tmp_path, values={arm: row[:1] for arm, row in VALUES.items()})))
    assert list(verdicts(found)) == ["Nothing is ranked: all arms share 1 seed, and scatter shows from two on."]


def test_runs_that_are_missing_are_named_and_the_others_are_judged_over_the_seeds_they_share(tmp_path: Path) -> None:
    (write_outcome(tmp_path) / "runs/raw/seed-3/result.json").unlink()
    outcome = read_outcome(tmp_path)
    assert outcome.missing == (("raw", 3),)
    found = judged(outcome)
    assert found.deciding is not None and found.deciding.comparison.seeds == (1, 2)
    assert "raw with seed 3" in render(outcome, found)
    assert next(write_judgement(tmp_path)) == "1 of 12 runs are not finished; what follows is of the others"


def test_a_comparison_without_a_finished_run_has_a_page_too(tmp_path: Path) -> None:
    for place in write_outcome(tmp_path).glob("runs/*/*/result.json"):
        place.unlink()
    lines = list(write_judgement(tmp_path))
    assert (lines[1], lines[-1]) == ("Nothing is ranked: no run is finished.", str(tmp_path / "index.html"))


def test_the_terminal_and_judgement_json_say_the_same(tmp_path: Path) -> None:
    lines = list(write_judgement(write_outcome(tmp_path)))
    assert lines[0] == "bits a byte, text that is not web (decides)"
    assert lines[1].split() == ["1–2", "rules-again", "2.2930", "2.2756", "to", "2.3104"]
    assert "rules is better than shuffled and raw." in lines and lines[-1] == str(tmp_path / "index.html")
    document = json.loads((tmp_path / "judgement.json").read_text("utf-8"))
    assert (document["ranked"], document["deciding"], document["refusal"]) == (True, "text that is not web", None)
    first = document["measures"][0]
    assert first["ranks"] == {"raw": [3, 3], "rules": [1, 2], "rules-again": [1, 2], "shuffled": [4, 4]}
    assert [pair["told_apart"] for pair in first["pairs"]] == [True] * 5 + [False]
    web = document["measures"][3]
    assert (web["web"], web["ranks"], web["pairs"]) == (True, {}, [])


def test_the_page_has_every_section_and_whatever_a_name_says_stays_text(tmp_path: Path) -> None:
    name = "<script>alert(1)</script>"
    outcome = read_outcome(write_outcome(tmp_path))
    hostile = outcome.model_copy(
        update={"facts": outcome.facts.model_copy(update={"recipe": {"name": name, "seeds": [1, 2, 3], name: [name]}})}
    )
    page = render(hostile, judged(hostile))
    seen = parse(page)
    assert [one for one in SECTIONS if f'id="{one}"' not in page] == [] and seen is not None
    assert "<script" not in page and "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    "file, text, said",
    [
        ("compare.json", None, "compare.json is not there"),
        ("compare.json", "{", "compare.json cannot be read"),
        ("runs/raw/seed-1/result.json", '{"arm": "raw"}', "result.json cannot be read"),
        ("runs/raw/seed-1/curve.jsonl", "{}\n", "curve.jsonl cannot be read"),
    ],
    ids=["absent", "broken", "short", "curve"],
)
def test_a_folder_that_cannot_be_read_is_refused(tmp_path: Path, file: str, text: str | None, said: str) -> None:
    write_outcome(tmp_path)
    (tmp_path / file).unlink() if text is None else (tmp_path / file).write_text(text, "utf-8")
    with pytest.raises(OutcomeError, match=said):
        read_outcome(tmp_path)


def test_a_result_of_another_arm_is_refused(tmp_path: Path) -> None:
    write_outcome(tmp_path)
    (tmp_path / "runs/raw/seed-1/result.json").write_bytes((tmp_path / "runs/rules/seed-1/result.json").read_bytes())
    with pytest.raises(OutcomeError, match="is the result of 'rules', seed 1"):
        read_outcome(tmp_path)


def test_a_step_that_was_done_twice_counts_once(tmp_path: Path) -> None:
    curve = write_outcome(tmp_path) / "runs/raw/seed-1/curve.jsonl"
    again = {"step": 244, "tokens": 244 * 4096, "loss": 1.0, "learning_rate": 1e-4}
    curve.write_text(curve.read_text("utf-8") + json.dumps(again) + "\n", "utf-8")
    points = read_outcome(tmp_path).runs[0].curve
    assert (len(points), points[-1].loss) == (244, 1.0)
