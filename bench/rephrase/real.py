"""A real small model behind the client, and what the gates say of it: `python -m bench.rephrase.real [PAGES] [MAX_TOKENS] [FOLDER]`.

SmolLM2-135M-Instruct on llama.cpp's server rewrites pages of the labelled set in three styles. With a FOLDER the answers are kept
there, and a run that was stopped goes on. Prints each answer's beginning and the gates of conf/beyondweb that it breaks.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.gates.judged import broken_rules
from tests.gates.labelled import PROMPTS, language_of, pages
from tests.rephrase.real_server import MODEL, real_server
from tests.rephrase.working import corpus, rephrase, work
from udfs.endpoint.servers import Patience
from udfs.rephrase.prompt import read_prompt
from udfs.rephrase.style import Style
from udfs.signals.rephrase import measure

STYLES = {"encyclopedic": "encyclopedic", "qa": "question_answer", "facts": "list_of_facts"}
SHOWN = 90


def main(count: int, max_tokens: int, folder: Path) -> None:
    """Rephrase, measure, and print."""
    texts = list(pages().values())[:count]
    styles = tuple(_style(name, prompt, max_tokens) for name, prompt in STYLES.items())
    began = time.monotonic()
    with real_server(folder) as url:
        here = work(url, folder, *styles, model=MODEL, patience=Patience(server_s=3600.0, answer_s=3600.0))
        here = replace(here, endpoint=replace(here.endpoint, concurrency=1))
        documents, _ = rephrase(corpus(folder / "pages.jsonl", texts), here)
    seconds = time.monotonic() - began
    rows = [(dict(row["carried"]), row["text"]) for row in documents if row["outcome"] == "extracted"]
    signals: list[Mapping[str, Any]] = [measure(text, carried, language_of) for carried, text in rows]
    rules = broken_rules(signals)
    for (carried, text), broken in zip(rows, rules, strict=True):
        print(f"{carried['style']:<13}{', '.join(broken) or 'kept':<60}{text[:SHOWN]!r}")
    for style in STYLES:
        mine = [broken for (carried, _), broken in zip(rows, rules, strict=True) if carried["style"] == style]
        print(
            f"{style:<13}{sum(map(bool, mine))} of {len(mine)} dropped; {dict(Counter(one for some in mine for one in some))}"
        )
    tokens = sum(int(carried["tokens_out"]) for carried, _ in rows)
    print(f"{tokens} tokens out, {seconds:.0f} s with what was kept before")


def _style(name: str, prompt: str, max_tokens: int) -> Style:
    content = (PROMPTS / f"{prompt}.toml").read_bytes()
    return Style(name, read_prompt(content, name=prompt), max_tokens=max_tokens, parameters={"temperature": 0})


if __name__ == "__main__":
    given = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        kept = Path(given[2]) if len(given) > 2 else Path(scratch)
        kept.mkdir(parents=True, exist_ok=True)
        (kept / "address").unlink(missing_ok=True)
        main(int(given[0]) if given else 10, int(given[1]) if len(given) > 1 else 200, kept)
