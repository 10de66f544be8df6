"""A comparison from its recipe to its results: what is finished stays, what changed is done again, what cannot be is refused."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from jobs.engine.errors import LeaseError, RecipeError
from jobs.testbed.compare import KilledError, _held, _trained, compare
from jobs.testbed.plan import Plan
from jobs.testbed.recipe import load_compare
from jobs.testbed.settings import Compare
from tests.testbed.tiny import SHAPE, WORDS, texts, tokenizer, write_jsonl
from udfs.testbed.arm_tokens import ArmError, Budget
from udfs.testbed.harness_results import read_accuracies
from udfs.testbed.one_run import DivergedError, OneRun
from udfs.testbed.tasks import TaskError

TRAINING = {"tokens": 2_000, "batch_sequences": 4, "learning_rate": 0.01, "processes": 1, "device": "cpu"}


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Write two corpora, a held-out text and a task, and return a recipe's table."""
    folder = tmp_path_factory.mktemp("given")
    items = [
        {"query": f"{WORDS[at]} {WORDS[(at + 7) % 30]}", "choices": [WORDS[(at + 14) % 30], WORDS[at]], "gold": 0}
        for at in range(12)
    ]
    held = texts(5, seed=9)
    # the first corpus holds a held-out text, which must go
    rows = {"good": [*texts(150), held[0]], "bad": texts(150, is_shuffled=True)}
    for name, some in rows.items():
        write_jsonl(folder / f"{name}.jsonl", ({"text": text} for text in some))
    return {
        "name": "tiny",
        "tokenizer": str(tokenizer(folder)),
        "seeds": [1],
        "model": SHAPE,
        "training": TRAINING,
        "arms": [{"name": name, "corpus": [str(folder / f"{name}.jsonl")]} for name in rows],
        "held_out": [
            {"name": "held", "uri": str(write_jsonl(folder / "held.jsonl", ({"text": text} for text in held))), "web": False}
        ],
        "tasks": [{"name": "next", "uri": str(write_jsonl(folder / "task.jsonl", items)), "shots": 1}],
    }


def made(given: dict[str, Any], **others: Any) -> Compare:
    return Compare.model_validate_json(json.dumps(given | others))


def ran(settings: Compare, root: Path) -> tuple[list[dict[str, Any]], str]:
    told: list[str] = []
    return compare(settings, str(root), say=told.append), "\n".join(told)


@pytest.fixture(scope="module")
def finished(given: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]], str]:
    root = tmp_path_factory.mktemp("compare") / "root"
    return root, *ran(made(given), root)


def test_every_run_has_a_result_with_what_was_measured(finished: tuple[Path, list[dict[str, Any]], str]) -> None:
    root, results, told = finished
    assert [(one["arm"], one["seed"], one["tokens"]) for one in results] == [("good", 1, 1984), ("bad", 1, 1984)]
    for one in results:
        folder = root / "runs" / one["arm"] / "seed-1"
        assert json.loads((folder / "result.json").read_text()) == one
        assert len((folder / "curve.jsonl").read_text().splitlines()) == 31 and (folder / "checkpoint.pt").exists()
        held, task = one["bits_per_byte"]["held"], one["tasks"]["next"]
        assert held["bytes"] == sum(map(len, texts(5, seed=9))) and held["web"] is False and 0 < held["value"] < 8
        assert 1 < held["unigram"] < 8
        assert (task["items"], task["baseline"], task["shots"]) == (12, 0.5, 1) and one["loss_by_position"]["held"][-1][:2] == [
            8,
            16,
        ]
        assert one["documents"] > 10 and one["epochs"] == 1.0
        as_core = [read_accuracies({"tasks": {name: task}}, where="result.json") for name in ("winograd", "squad")]
        assert [one.others for one in as_core] == [
            {name: f"was asked with 1 examples, and CORE asks with {shots}"} for name, shots in (("winograd", 0), ("squad", 10))
        ]
    assert "compare  2 arms x 1 seeds = 2 runs" in told and "time     about" in told


def test_what_models_are_measured_by_is_left_out_of_training_and_counted(finished: tuple[Path, Any, str]) -> None:
    root, _, told = finished
    facts = json.loads((root / "compare.json").read_text())
    assert [(one["name"], one["documents"], one["removed"], one["removed_by"]) for one in facts["arms"]] == [
        ("good", 150, 1, {"held": 1}),
        ("bad", 150, 0, {}),
    ]
    assert "good: 150 documents" in told and "1 documents left out that hold what models are measured by" in told
    assert [one["epochs"] for one in facts["arms"]] == [1.0, 1.0]
    assert facts["model"]["vocabulary"] == 320 and facts["training"]["precision"] == "float32" and facts["tokens"] == 2 * 1984


def test_finished_runs_stay_and_another_measure_trains_nothing_again(
    finished: tuple[Path, list[dict[str, Any]], str], given: dict[str, Any]
) -> None:
    root, results, _ = finished
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file() and path.name != ".lock"}
    again, told = ran(made(given), root)
    assert again == results and "2 of them finished before" in told and "0 to train" in told
    after = {path: path.stat().st_mtime_ns for path in before}
    assert {path.name for path in before if before[path] != after[path]} <= {"compare.json"}
    fewer, told = ran(made(given, tasks=[{**given["tasks"][0], "max_items": 6}]), root)
    assert [one["tasks"]["next"]["items"] for one in fewer] == [6, 6]
    assert [one["bits_per_byte"] for one in fewer] == [one["bits_per_byte"] for one in results]
    curves = [path for path in before if path.name == "checkpoint.pt"]
    assert all(path.stat().st_mtime_ns == before[path] for path in curves)


def test_two_processes_give_the_bits_of_one(given: dict[str, Any], finished: Any, tmp_path: Path) -> None:
    results, _ = ran(made(given, training={**TRAINING, "processes": 2}), tmp_path)
    drop = ("seconds",)
    assert [{k: v for k, v in one.items() if k not in drop} for one in results] == [
        {k: v for k, v in one.items() if k not in drop} for one in finished[1]
    ]


class Deadly:
    """Ends the process that is sent it, as the kernel does where memory runs out."""

    def __reduce__(self) -> Any:
        return os._exit, (1,)


def test_a_process_that_is_killed_is_told_of_in_one_message(given: dict[str, Any], tmp_path: Path) -> None:
    run = OneRun("a", 1, 0, tmp_path, tmp_path, {}, {}, Budget(1, 1, 1, 1), "k", "m")
    plan = Plan((run,), (run,), processes=2, parameters=1, flops_a_run=1.0, seconds_a_run=1.0, device="cpu")
    deadly: Any = Deadly()
    with pytest.raises(KilledError, match=r"Lower \[compare.training\] processes"):
        list(_trained(plan, deadly))


def test_a_plan_writes_nothing(given: dict[str, Any], tmp_path: Path) -> None:
    told: list[str] = []
    assert compare(made(given), str(tmp_path / "root"), say=told.append, plan_only=True) == []
    assert not (tmp_path / "root").exists() and any("FLOPs on cpu" in line for line in told)


def test_a_second_command_on_a_folder_is_refused(given: dict[str, Any], tmp_path: Path) -> None:
    with _held(tmp_path), pytest.raises(LeaseError, match="another `gristmill compare` writes to"):
        ran(made(given), tmp_path)


def test_a_loss_that_is_no_number_names_the_run_and_what_to_lower(given: dict[str, Any], tmp_path: Path) -> None:
    wild = {**TRAINING, "learning_rate": 1e30, "clip": 1e30}
    with pytest.raises(
        DivergedError, match=r"arm 'good', seed 1: step \d+: the loss is nan.* Lower \[compare.training\] learning_rate"
    ):
        ran(made(given, training=wild), tmp_path)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"eos": "<end>"}, RecipeError, "eos: '<end>' is no token of tiny.json"),
        ({"eos": 10**12}, RecipeError, "eos: 1000000000000 is no token of tiny.json"),
        ({"training": {"tokens": 50}}, RecipeError, "tokens = 50 is less than one step of 16 sequences of 16"),
        ({"training": {"tokens": 5_000, "device": "cuda:7"}}, RecipeError, "device = 'cuda:7', and torch .* finds no GPU"),
        (
            {"arms": [{"name": "a", "corpus": ["absent.jsonl"]}]},
            RecipeError,
            r"\[\[compare.arms\]\] 'a' cannot be read: .*absent",
        ),
    ],
    ids=["eos", "eos beyond", "budget", "gpu", "corpus"],
)
def test_what_cannot_be_is_refused_before_any_work(
    given: dict[str, Any], tmp_path: Path, change: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        ran(made(given, **change), tmp_path / "root")
    assert not (tmp_path / "root").exists()


def test_an_arm_without_the_column_is_refused_before_the_arms_ahead_of_it_are_tokenised(
    given: dict[str, Any], tmp_path: Path
) -> None:
    other = str(write_jsonl(tmp_path / "other.jsonl", [{"body": "x"}]))
    with pytest.raises(RecipeError, match=r"'other' cannot be read: .* has no column 'text'.* Its columns are body"):
        ran(made(given, arms=[*given["arms"], {"name": "other", "corpus": [other]}]), tmp_path / "root")
    assert not (tmp_path / "root").exists()


def test_an_arm_of_too_little_text_is_refused_before_any_run(given: dict[str, Any], tmp_path: Path) -> None:
    short = str(write_jsonl(tmp_path / "short.jsonl", [{"text": "x"}]))
    with pytest.raises(ArmError, match="arm 'short' has 2 tokens, not one sequence of 16"):
        ran(made(given, arms=[*given["arms"], {"name": "short", "corpus": [short]}]), tmp_path)
    assert list((tmp_path / "runs").rglob("checkpoint.pt")) == []


def test_a_measure_of_another_hash_is_refused(given: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"'held': .* has sha256 .*, and the recipe says 0000"):
        ran(made(given, held_out=[{**given["held_out"][0], "sha256": "0" * 64}]), tmp_path)
    with pytest.raises(TaskError, match=r"has sha256 .*, and the recipe says 0000"):
        ran(made(given, tasks=[{**given["tasks"][0], "sha256": "0" * 64}]), tmp_path)


def test_a_packed_root_must_fit_the_tokenizer_and_the_model(given: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "packed").mkdir()
    facts = {"tokenizer": {"sha256": "f" * 64}, "sequence_length": 16, "formats": ["parquet"], "files": []}
    arms = [{"name": "a", "packed": str(tmp_path)}]
    (tmp_path / "packed/manifest.json").write_text(json.dumps(facts))
    with pytest.raises(RecipeError, match="its ids mean other texts"):
        ran(made(given, arms=arms), tmp_path / "root")
    from udfs.models.model_file import sha256_of

    facts["tokenizer"] = {"sha256": sha256_of(given["tokenizer"])}
    (tmp_path / "packed/manifest.json").write_text(json.dumps(facts))
    with pytest.raises(RecipeError, match="has sequences of 16 tokens, and the model's sequence_length needs 17"):
        ran(made(given, arms=arms), tmp_path / "root")


RECIPE = """
[compare]
name = "a"
[compare.training]
tokens = 100
[[compare.arms]]
name = "a"
corpus = ["a.jsonl"]
[[compare.held_out]]
name = "h"
uri = "h.jsonl"
web = false
"""


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("tokens = 100", "tokns = 100", "compare.training.tokns: unknown key; did you mean 'tokens'?"),
        ('corpus = ["a.jsonl"]', "", "arm 'a' needs either corpus or packed"),
        ("web = false", "", "compare.held_out.0.web: required, but not given"),
        (
            "[compare.training]",
            "[compare.model]\nwidth = 100\n[compare.training]",
            "width 100 is not an even number for each of 6 heads",
        ),
        (
            'name = "a"\ncorpus',
            'name = "a"\ncorpus = ["b"]\n[[compare.arms]]\nname = "a"\ncorpus',
            "two arms have the name 'a'",
        ),
        ("tokens = 100", "tokens = ", "is not TOML"),
        (
            'name = "a"\n[compare.tr',
            'name = "a"\nseeds = [1, 1]\n[compare.tr',
            "seeds [1, 1]: each must be another number from 0",
        ),
        (
            'name = "a"\n[compare.tr',
            'name = "a"\nseeds = [9223372036854775808]\n[compare.tr',
            "seeds [9223372036854775808]: each must be another number from 0 to 9223372036854775807",
        ),
    ],
    ids=["unknown", "source", "web", "heads", "twice", "toml", "seeds", "large seed"],
)
def test_a_fault_of_a_recipe_names_its_place(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in RECIPE
    (tmp_path / "r.toml").write_text(RECIPE.replace(old, new))
    with pytest.raises(RecipeError) as told:
        load_compare(str(tmp_path / "r.toml"))
    assert fault in str(told.value) and "nothing was run" in str(told.value)
