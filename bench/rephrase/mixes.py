"""Mixes of real and synthetic text, 60:40 and 50:50, from a crawl, and items that a "model" leaks: `python -m bench.rephrase.mixes FOLDER`.

Runs the quickstart with the recipes of conf/beyondweb after it, and those of conf/nemotron-cc over the same pages. They are as they
stand, but for the server's address and a [decontaminate] among the rephrases. A stub server writes in the forms of five prompts, and
writes an item of the protected set into every eighth answer. Prints ledgers, what leaked and was found, and the tokens of each mix.
"""

import json
import sys
from pathlib import Path
from typing import Any

from bench.process_usage import machine, watch
from bench.rephrase.chain import CONF
from jobs.rephrase.work import prompt_of
from tests.endpoint.stub_server import Reply, completion, serving
from tests.runs import rows

SERVER = '"http://localhost:8000/v1"'
EVERY = 8  # one answer in so many leaks an item
ITEMS = [
    {
        "question": f"Which of these best explains why {what} while everything around it stays the same for a whole afternoon?",
        "answer": ".",
    }
    for what in (
        "the water in a shallow dish grows warm sooner than the water in a deep lake",
        "a metal spoon left in a hot soup burns the hand and a wooden one does not",
        "a wet shirt dries sooner on a windy day than on a still one of equal warmth",
        "the shadow of a pole grows longer as the sun goes down behind the hills",
    )
]
DECONTAMINATE = (
    '[decontaminate]\n\n[[decontaminate.set]]\nname     = "leaked"\nuri      = {uri}\nquestion = "question"\n\n[publish]'
)
DROPPED = {
    "plain_explanation": 4,
    "encyclopedic": 5,
    "distilled": 6,
    "list_of_facts": 7,
    "question_answer": 9,
}  # one word in so many


def main(folder: Path) -> None:
    """Run both chains, and print."""
    folder.mkdir(parents=True, exist_ok=True)
    gristmill, items = Path(sys.executable).parent / "gristmill", folder / "items.jsonl"
    items.write_text("".join(json.dumps(item) + "\n" for item in ITEMS), "utf-8")
    print(machine())
    with serving(rewritten) as stub:
        for name, before in (("beyondweb", ["conf/quickstart.toml"]), ("nemotron-cc", [])):
            write_chain(folder / name, chain=name, url=stub.url, items=items)
            out = folder / "out" / name
            given: list[str | Path] = [] if before else ["--input", folder / "out/beyondweb/quickstart"]
            command: list[str | Path] = [gristmill, "run", *before, folder / name, *given, "--root", out]
            used = watch(command, log=folder / f"{name}.log")
            print(f"\n{name}: {used.wall_seconds:.0f} s by the clock, {used.cpu_seconds:.0f} CPU s")
            for recipe in ("seeds", "rephrases", "mixed"):
                markers = {
                    path.parent.name: json.loads(path.read_text("utf-8")) for path in (out / recipe).rglob("_stage.json")
                }
                print(
                    f"{recipe}: { {stage: (one['ledger']['kept'], one['ledger']['dropped']) for stage, one in markers.items()} }"
                )
            tell_leaks(out / "rephrases")
            tell_mix(out)
            dropped = next(row for row in rows(out / "rephrases", "decisions/decontaminate") if row["outcome"] == "dropped")
            watch([gristmill, "explain", out / "rephrases", dropped["id"]], log=folder / "explain.log")
            print((folder / "explain.log").read_text("utf-8"))


def write_chain(folder: Path, *, chain: str, url: str, items: Path) -> None:
    """Copy the recipes of a chain, with the server's address and the protected set in the second."""
    folder.mkdir(exist_ok=True)
    for path in sorted((CONF.parent / chain).glob("*.toml")):
        text = path.read_text("utf-8")
        if SERVER in text:
            text = text.replace(SERVER, json.dumps(url)).replace("[publish]", DECONTAMINATE.format(uri=json.dumps(str(items))))
        (folder / path.name).write_text(text, "utf-8")


def tell_leaks(root: Path) -> None:
    """Hold the answers that hold an item against what became of them; an answer may have been dropped before."""
    leaked = {row["id"] for row in rows(root, "documents") if any(item["question"] in str(row["text"]) for item in ITEMS)}
    searched = {row["id"]: row["outcome"] for row in rows(root, "decisions/decontaminate")}
    found = {id_ for id_, outcome in searched.items() if outcome == "dropped"}
    corpus = {row["id"] for row in rows(root, "corpus")}
    print(
        f"leaks: {len(leaked)} answers hold an item, {len(leaked & searched.keys())} of them came to decontaminate, which dropped "
        f"{len(found & leaked)} of these and {len(found - leaked)} others; in the corpus: {len(leaked & corpus)}"
    )


def tell_mix(out: Path) -> None:
    """Count the tokens of the mix from its corpus, and hold them against what its table says and what was asked."""
    table = json.loads((out / "mixed/mix/composition.json").read_text("utf-8"))
    count: dict[str, int] = {}
    for row in rows(out / "mixed", "corpus"):
        count[row["corpus"]] = count.get(row["corpus"], 0) + row["token_count"] * row["copies"]
    whole = sum(count.values())
    for one in table["corpora"]:
        mine = count.get(one["corpus"], 0)
        told: dict[str, Any] = {name: one[name] for name in ("documents_there", "tokens_there", "asked", "tokens", "epochs")}
        print(f"mix {one['corpus']}: {mine} tokens in the corpus, {mine / whole:.2%} of all; {told}")


def rewritten(request: dict[str, object], number: int) -> Reply:
    """Rewrite the page by leaving words out, in the form of the prompt; copy nothing else, and leak an item now and then."""
    asked = str(request["messages"][-1]["content"])  # type: ignore[index]
    before, _, page = asked.partition("<page>\n")
    style = next((name for name in DROPPED if prompt_of(name).user.startswith(before)), None)
    page = page.partition("\n</page>")[0]
    if style is None:
        return 200, {}, completion(request, text=page)  # a copy, which a gate drops
    sentences = [" ".join(shortened(one, DROPPED[style])) for one in page.replace("\n", " ").split(". ")]
    if number % EVERY == 0:
        sentences.insert(1, ITEMS[number // EVERY % len(ITEMS)]["question"])
    match style:
        case "list_of_facts":
            said = "\n".join(f"- {one}." for one in sentences)
        case "question_answer":
            said = "\n\n".join(f"Question: what else?\nAnswer: {one}." for one in sentences)
        case _:
            said = ". ".join(sentences)
    return 200, {}, completion(request, text=said)


def shortened(sentence: str, every: int) -> list[str]:
    """Leave out one word in so many, if it begins with a small letter: no name and no number goes."""
    words = sentence.split()
    return [word for place, word in enumerate(words, start=1) if place % every or not word[:1].islower()]


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
