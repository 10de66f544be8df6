"""From a crawl to megadocs with a real small model, in one command: `python -m bench.rephrase.end_to_end FOLDER`.

The quickstart, then the three recipes of conf/megadocs over twenty of its pages: SmolLM2-135M-Instruct on llama.cpp's server writes in
three styles, gates and dedup follow, and what is left is published and stitched with G = 3. Prints the ledgers, what it took, and the
story of the first megadoc back to its capture. Run it from the project's folder after `make run`, which makes the sample and a model.
"""

import json
import os
import sys
from pathlib import Path

from bench.process_usage import machine, watch
from bench.rephrase.chain import G, write_chain
from tests.rephrase.real_server import MODEL, real_server
from tests.runs import rows

PAGES, MAX_TOKENS, LENGTH = 20, 96, "BETWEEN 100 AND 210"


def main(folder: Path) -> None:
    """Run, explain, and print."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "address").unlink(missing_ok=True)
    print(machine())
    gristmill, out = Path(sys.executable).parent / "gristmill", folder / "out"
    with real_server(folder) as url:
        write_chain(folder / "recipes", url=url, model=MODEL, max_tokens=MAX_TOKENS, length=LENGTH, pages=PAGES)
        recipes: list[str | Path] = ["conf/quickstart.toml", folder / "recipes"]
        used, before = watch([gristmill, "run", *recipes, "--root", out], log=folder / "run.log"), of_children()
    server = of_children() - before
    print(
        f"gristmill run: {used.wall_seconds:.0f} s by the clock, {used.cpu_seconds:.0f} CPU s, and {server:.0f} of the server"
    )
    for name in ("quickstart", "pages", "rephrases", "megadocs"):
        markers = {path.parent.name: json.loads(path.read_text("utf-8")) for path in (out / name).rglob("_stage.json")}
        told = {stage: (one["ledger"]["kept"], one["ledger"]["dropped"]) for stage, one in markers.items()}
        seconds = sum(one["seconds"] for one in markers.values())
        print(f"{name}: {seconds:.0f} s; {told}")
    megadocs = rows(out / "megadocs", "corpus")
    print(f"megadocs by parents: {sorted(len(one['parents']) for one in megadocs)}, of {G + 1} at most")
    first = max(megadocs, key=lambda one: (len(one["parents"]), one["id"]))
    watch([gristmill, "explain", out / "megadocs", first["id"]], log=folder / "explain.log")
    print((folder / "explain.log").read_text("utf-8"))


def of_children() -> float:
    """Return the CPU seconds of the processes that ended and were waited for."""
    used = os.times()
    return used.children_user + used.children_system


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
