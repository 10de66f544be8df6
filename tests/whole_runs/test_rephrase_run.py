"""Rephrase as a source: a whole run from a corpus to a corpus of what a model wrote, a budget, and a server that goes away."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from jobs.engine import corpus_plan, documents
from jobs.engine.errors import AlarmError, RecipeError
from jobs.engine.root import Root
from jobs.engine.runner import run_stages
from jobs.explain import story
from jobs.recipe.load import recipe_of
from jobs.recipe.recipe import Recipe
from jobs.rephrase.batch import read_batch, write_batch
from jobs.rephrase.estimate import lines
from jobs.rephrase.work import style_of
from tests.annotate.fast_models import fast_model
from tests.endpoint.stub_server import Reply, completion, serving
from tests.runs import context, rows, run
from udfs.rephrase.sizes import size_of
from udfs.signals.rephrase_similarity import cosine
from udfs.vectors.half import packed

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
PAGE = "The mill of town {n} ground {n} sacks of rye a day, and its miller {name} sold the flour at the market of the town."
NAMES = ("Anna", "Bruno", "Clara", "David")
ELSE = "- Ships sail.\n- Crews sing."
DISSIMILAR = {"reason": "dissimilar", "keep": "rephrase_similarity >= 0.5", "where": "rephrase_similarity IS NOT NULL"}


def write_corpus(folder: Path) -> list[str]:
    folder.mkdir()
    for part in range(2):
        rows = [{"id": f"p{n}", "text": PAGE.format(n=n, name=NAMES[n % 4])} for n in range(4 * part, 4 * part + 4)]
        (folder / f"{part}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return [str(folder)]


def recipe(inputs: list[str], url: str, *, annotate: Mapping[str, Any] | None = None, **rephrase: Any) -> Recipe:
    style = {"name": "facts", "prompt": "list_of_facts", "max_tokens": 100}
    return recipe_of(
        {
            "run": {"name": "rephrased", "dump": "SYNTHETIC", "input": inputs, "chunk_files": 1},
            "rephrase": {
                "servers": [url],
                "model": "small-1b",
                "concurrency": 4,
                "patience_s": 0.5,
                "style": [style],
                **rephrase,
            },
            "annotate": {"line_edits": "none", "pii": False, "signal_sets": ["rephrase"], **(annotate or {})},
            "filter": [{"reason": "form_missed", "keep": "rephrase_form_kept"}, DISSIMILAR],
            "dedup": {"exact_url": "off"},
            "publish": {"columns": ["parents", "carried"]},
        }
    )


def as_list(request: dict[str, object], number: int) -> Reply:
    """Write the page as a list, but for one miller's."""
    page = str(request["messages"][-1]["content"]).partition("<page>\n")[2].partition("\n</page>")[0]  # type: ignore[index]
    parts = page.split(", and ")
    return 200, {}, completion(request, text=page if "Clara" in page else f"- {parts[0]}.\n- And {parts[-1]}")


def as_list_or_else(request: dict[str, object], number: int) -> Reply:
    """Write the page as a list, and for one miller's of something else."""
    return (200, {}, completion(request, text=ELSE)) if "Anna" in str(request) else as_list(request, number)


def test_a_run_says_what_it_asks_and_rephrases_gates_and_publishes(spark: "SparkSession", tmp_path: Path) -> None:
    inputs, root, vectors = write_corpus(tmp_path / "corpus"), tmp_path / "root", tmp_path / "chance.vectors.npz"
    model = fast_model(vectors)
    with serving(as_list_or_else) as stub:
        one = recipe(inputs, stub.url, annotate={"embedding": {"model": str(vectors)}})
        made = context(spark, one, root)
        said = list(lines(made.job(made.source)))
        assert (
            said[0].startswith("rephrase  8 requests for 8 rephrases of 8 documents; 0 more") and "at most 800 out" in said[1]
        )
        markers = run(spark, one, root)
        assert [markers[name]["ledger"]["kept"] for name in ("rephrase", "filter", "publish")] == [8, 4, 4]
        assert markers["filter"]["ledger"]["dropped"] == {"form_missed": 2, "dissimilar": 2}
        assert stub.completed == 8
        made = context(spark, one, root)
        assert list(lines(made.job(made.source))) == []
        assert stub.completed == 8
    published, documents = rows(root, "corpus"), {row["id"]: row for row in rows(root, "documents")}
    assert [row["id"] for row in published] == [f"p{n}#facts.0" for n in (1, 3, 5, 7)]
    assert published[0]["parents"] == [{"root": str(tmp_path / "corpus"), "id": "p1", "start": None, "end": None}]
    for row in rows(root, "signals"):
        document = documents[row["id"]]
        answer, page = model.vectors([document["text"], dict(document["carried"])["parent_text"]])
        assert answer is not None and page is not None
        assert row["rephrase_similarity"] == pytest.approx(cosine(*packed(np.stack([answer, page]))))
    assert {row["id"]: row["reason"] for row in rows(root, "decisions/filter") if row["outcome"] == "dropped"} == {
        **{f"p{n}#facts.0": "dissimilar" for n in (0, 4)},
        **{f"p{n}#facts.0": "form_missed" for n in (2, 6)},
    }
    shown = "\n".join(story.sample(made, reason="dissimilar", n=1))
    assert "| The mill of town" in shown and "Ships sail" in shown
    shown = "\n".join(story.sample(made, reason="form_missed", n=1))
    assert "what a model was given, style facts\n  | The mill of town" in shown and "what it wrote, finish reason stop" in shown
    told = "\n".join(story.explain(made, "p0#facts.0"))
    assert "parent              p0 in " in told and "tokens_out" in told and "You add nothing" not in told


def test_a_budget_ends_a_run_and_a_higher_one_goes_on(spark: "SparkSession", tmp_path: Path) -> None:
    inputs, root = write_corpus(tmp_path / "corpus"), tmp_path / "root [1]"  # to Spark a pattern, unless it is told otherwise
    with serving(as_list) as stub:
        with pytest.raises(AlarmError, match=r"the budget of \[rephrase\] ends here: 2 file") as ended:
            run(spark, recipe(inputs, stub.url, budget_tokens=1400), root, only="rephrase")
        before = stub.completed
        assert ended.value.exit_code == 5 and 0 < before < 8 and not (root / "documents/_stage.json").exists()
        markers = run(spark, recipe(inputs, stub.url, budget_tokens=100_000), root, only="rephrase")
        assert (markers["rephrase"]["ledger"]["kept"], stub.completed) == (8, 8)


def planned_by_hand(made: Recipe, texts: Mapping[str, str]) -> dict[str, Any]:
    """Take documents in the order of their hashes while they fit."""
    (given,) = made.sections["rephrase"].style
    style, took, held = style_of(given), 0, 0
    for key, name in sorted((style.key(name, seed=0), name) for name in texts):
        tokens = size_of(style, texts[name], model="small-1b")
        if held + tokens > given.budget_tokens:
            return {"documents": took, "tokens": held, "key": key, "id": name}
        took, held = took + 1, held + tokens
    return {"documents": took, "tokens": held, "key": None, "id": None}


def test_a_budget_of_which_no_part_is_enough_for_a_request_says_so(spark: "SparkSession", tmp_path: Path) -> None:
    inputs = write_corpus(tmp_path / "corpus")
    with serving() as stub:
        with pytest.raises(
            AlarmError, match=r"shared among 2 file\(s\), and no part is enough for one request.* Raise the budget"
        ):
            run(spark, recipe(inputs, stub.url, budget_tokens=5), tmp_path / "root", only="rephrase")
        assert stub.requests == 0


def test_a_styles_budget_is_planned_full_before_anything_is_asked(spark: "SparkSession", tmp_path: Path) -> None:
    texts = {f"p{n}": PAGE.format(n=n, name=NAMES[n % 4]) * (1 + n % 5) for n in range(60)}
    rows = [json.dumps({"id": name, "text": text}) + "\n" for name, text in texts.items()]

    def corpus(name: str, parts: int) -> list[str]:
        (tmp_path / name).mkdir()
        for part in range(parts):
            (tmp_path / name / f"{part}.jsonl").write_text("".join(rows[part::parts]), "utf-8")
        return [str(tmp_path / name)]

    def of(inputs: list[str], url: str, budget: int) -> Recipe:
        style = {"name": "facts", "prompt": "list_of_facts", "max_tokens": 100, "segment_tokens": 90, "budget_tokens": budget}
        return recipe(inputs, url, style=[style])

    for budget, parts in ((9_000, 1), (9_000, 3), (10**9, 1), (1, 1)):
        one = of(corpus(f"{budget}-{parts}", parts), "http://localhost:1/v1", budget)
        made = context(spark, one, tmp_path / "nothing")
        assert made.job(made.source).pinned == {"facts": planned_by_hand(one, texts)}
    inputs, root = [str(tmp_path / "9000-3")], tmp_path / "root"
    with serving(as_list) as stub:
        one = of(inputs, stub.url, 9_000)
        by_hand, made = planned_by_hand(one, texts), context(spark, one, root)
        said = list(lines(made.job(made.source)))
        assert f"rephrases of {by_hand['documents']} documents" in said[0]
        assert (
            f"style facts: {by_hand['documents']} documents, at most {by_hand['tokens']:,} tokens in and out of its" in said[2]
        )
        marker = run(spark, one, root, only="rephrase")["rephrase"]
        assert (marker["ledger"]["kept"], marker["ledger"]["dropped"]) == (
            by_hand["documents"],
            {"not_chosen": 60 - by_hand["documents"]},
        )
        paid = [json.loads(line) for path in root.rglob("answers/*/*.jsonl") for line in path.read_text("utf-8").splitlines()]
        assert 0 < sum(row["tokens_in"] + row["tokens_out"] for row in paid) <= by_hand["tokens"] <= 9_000
        asked = stub.completed
        (tmp_path / "9000-3" / "more.jsonl").write_text("".join(rows[:20]).replace('"p', '"q'), "utf-8")
        with pytest.raises(RecipeError, match=r"the budget of facts ends at another document now\. 3 chunk\(s\)"):
            run(spark, one, root, only="rephrase")
        assert stub.completed == asked
        markers = run(spark, one, root, start="rephrase", only="rephrase")
        again = planned_by_hand(one, texts | {name.replace("p", "q"): texts[name] for name in list(texts)[:20]})
        assert (
            markers["rephrase"]["ledger"]["kept"] == again["documents"] == markers["rephrase"]["pinned"]["facts"]["documents"]
        )
        assert stub.completed - asked < again["documents"]  # what stood before both cuts was paid for


def test_a_replaced_file_is_asked_anew_if_a_user_says_so_and_a_command_lists_the_corpus_once(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs, root, listed = write_corpus(tmp_path / "corpus"), tmp_path / "root", []
    list_inputs = corpus_plan.list_inputs

    def counted(inputs: Sequence[str]) -> list[str]:
        listed.append(inputs)
        return list_inputs(inputs)

    def as_a_command_does(one: Recipe, *, start: str | None = None) -> list[str]:
        listed.clear()
        made = context(spark, one, root, start=start)
        said = list(lines(made.job(made.source)))
        assert run_stages(made, only="rephrase")["rephrase"]["ledger"]["kept"] == 8
        assert len(listed) == 1
        return said

    monkeypatch.setattr(corpus_plan, "list_inputs", counted)
    style = {"name": "facts", "prompt": "list_of_facts", "max_tokens": 100, "budget_tokens": 10**6}
    with serving(as_list) as stub:
        one = recipe(inputs, stub.url, style=[style])
        as_a_command_does(one)
        replaced = tmp_path / "corpus" / "1.jsonl"
        replaced.write_text(replaced.read_text("utf-8").replace("The mill of town 5", "The old mill of town 5"), "utf-8")
        with pytest.raises(RecipeError, match=rf"1 file\(s\) that were replaced .* such as {replaced}: .* rephrase"):
            as_a_command_does(one)
        assert as_a_command_does(one, start="rephrase")[0].startswith(
            "rephrase  1 requests for 8 rephrases of 8 documents; 7 more"
        )
        assert stub.completed == 9
    assert "The old mill of town 5" in next(row["text"] for row in rows(root, "documents") if row["id"] == "p5#facts.0")


def test_a_server_that_goes_away_leaves_files_for_the_next_run(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", "sk-secret-123456")
    inputs, root = write_corpus(tmp_path / "corpus"), tmp_path / "root"
    with serving(lambda request, number: as_list(request, number) if number < 3 else (500, {}, b"")) as stub:
        run(spark, recipe(inputs, stub.url, key_env="SOME_KEY"), root, only="rephrase")
        assert stub.completed == 3 and len(documents.still_failed(Root(spark, str(root)))) >= 1
    with serving(as_list) as stub:
        markers = run(spark, recipe(inputs, stub.url, key_env="SOME_KEY"), root, only="rephrase")
        assert (markers["rephrase"]["ledger"]["kept"], stub.completed) == (8, 5)
        assert documents.still_failed(Root(spark, str(root))) == []
    kept = b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())
    assert b"sk-secret" not in kept


def test_a_batch_holds_what_a_run_would_ask_and_its_responses_are_the_run(spark: "SparkSession", tmp_path: Path) -> None:
    one, root = recipe(write_corpus(tmp_path / "corpus"), "http://localhost:1/v1"), tmp_path / "root"  # nobody listens there
    made = context(spark, one, root)
    job = made.job(made.source)
    assert write_batch(job, str(tmp_path / "batch")) == 8
    asked = [json.loads(line) for path in (tmp_path / "batch").glob("*.txt") for line in path.read_text("utf-8").splitlines()]
    responses = [
        {"custom_id": ask["custom_id"], "response": {"status_code": 200, "body": json.loads(completion(ask["body"]))}}
        for ask in asked
    ]
    (tmp_path / "responses.jsonl").write_text("".join(json.dumps(one) + "\n" for one in responses), "utf-8")
    assert read_batch(job, [str(tmp_path / "responses.jsonl")]) == (8, [])
    assert run(spark, one, root, only="rephrase")["rephrase"]["ledger"]["kept"] == 8
    assert write_batch(context(spark, one, root).job(made.source), str(tmp_path / "none")) == 0


def test_what_would_pay_twice_or_has_no_key_is_refused(spark: "SparkSession", tmp_path: Path) -> None:
    inputs = write_corpus(tmp_path / "corpus")
    with pytest.raises(RecipeError, match="SOME_ABSENT_KEY is empty or absent"):
        run(spark, recipe(inputs, "http://localhost:1/v1", key_env="SOME_ABSENT_KEY"), tmp_path / "root")
    with pytest.raises(RecipeError, match="there is no prompt 'poem' \\(known: critical_reading, dialogue"):
        run(spark, recipe(inputs, "http://localhost:1/v1", style=[{"name": "a", "prompt": "poem"}]), tmp_path / "root")
    with pytest.raises(RecipeError, match="holds a name, a password or a query"):
        recipe(inputs, "http://me:secret@localhost:1/v1")
