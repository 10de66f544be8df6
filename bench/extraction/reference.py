"""Run what bench/extraction/speed.py holds gristmill against: datatrove's FineWeb steps over WARCs, and warcio reading them.

Make a Python for it once (about 500 MB; what FineWeb's path needs of datatrove's extras, trafilatura as datatrove pins it):

    python3.11 -m venv reference
    reference/bin/python -m pip install datatrove==0.10.1 'trafilatura>=1.8.0,<1.12.0' warcio fasttext-numpy2-wheel fasteners \\
        tldextract python-magic faust-cchardet orjson spacy==3.8.18 regex lxml_html_clean

The steps and their settings are those of datatrove's examples/fineweb.py, but: no URLFilter (gristmill's recipe has none), no
exclusion writers (a FineWeb run writes what it drops; this one need not), English alone, and the language model is the file
given here, set on the filter's model object, as the one that datatrove would download has 126 MB. Prints one JSON object.
"""

import argparse
import importlib.metadata
import json
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

WARM_DOCUMENTS = 10
WARM_TEXT = "This is a text of some length that loads the models and the tokenizers of all filters. " * 20
PACKAGES = ("datatrove", "trafilatura", "warcio", "lxml", "fasttext-numpy2-wheel", "spacy")


def main() -> None:
    """Measure the pipeline or the reading, as the command line says, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=("pipeline", "reading"))
    parser.add_argument("warcs", nargs="+", type=Path)
    parser.add_argument("--cores", default="", help="comma-separated numbers of the cores to stay on; empty: any")
    parser.add_argument("--language-model", type=Path, help="a fastText language model; the pipeline needs one")
    parser.add_argument(
        "--timeout", type=float, help="seconds a page may take; without it datatrove's default, as in its example"
    )
    arguments = parser.parse_args()
    if arguments.cores:
        os.sched_setaffinity(0, {int(core) for core in arguments.cores.split(",")})
    if arguments.what == "reading":
        found = measure_reading(arguments.warcs)
    else:
        if arguments.language_model is None or not arguments.language_model.is_file():
            parser.error(
                f"--language-model {arguments.language_model} is no file: without it no page has a language. Name lid.176.ftz or .bin"
            )
        with tempfile.TemporaryDirectory() as folder:
            warm(arguments, out=Path(folder) / "warm")
            found = run_pipeline(arguments, limit=-1, out=Path(folder) / "out")
    print(json.dumps(found | {"versions": {name: importlib.metadata.version(name) for name in PACKAGES}}))


def warm(arguments: argparse.Namespace, *, out: Path) -> None:
    """Go through every import and model once, so that none of it is timed."""
    from datatrove.data import Document  # type: ignore[import-not-found, unused-ignore]
    from datatrove.pipeline.filters.base_filter import BaseFilter  # type: ignore[import-not-found, unused-ignore]

    run_pipeline(arguments, limit=WARM_DOCUMENTS, out=out / "pages")
    for step in fineweb(arguments, limit=WARM_DOCUMENTS, out=out / "text"):
        if isinstance(step, BaseFilter):
            step.filter(Document(text=WARM_TEXT, id="warm"))


def run_pipeline(arguments: argparse.Namespace, *, limit: int, out: Path) -> dict[str, Any]:
    """Run all steps over all WARCs, one after another in this process, as datatrove's executor chains them."""
    import trafilatura  # type: ignore[import-not-found, unused-ignore]  # noqa: F401  (before its child is forked, which then need not)

    steps = fineweb(arguments, limit=limit, out=out)
    kept: list[str] = []
    cpu, wall = cpu_seconds(), time.perf_counter()
    documents: Any = None
    for step in steps:
        documents = step(documents, 0, 1)
    for document in documents:
        kept.append(document.id)
    multiprocessing.active_children()  # reaps the extraction process, and with it its CPU seconds
    own, children = (after - before for after, before in zip(cpu_seconds(), cpu, strict=True))
    return {
        "wall_seconds": time.perf_counter() - wall,
        "cpu_seconds": own + children,
        "child_cpu_seconds": children,
        "kept": kept,
        "page_timeout_s": next(step.timeout for step in steps if hasattr(step, "timeout")),
        "steps": [describe(step) for step in steps],
    }


def fineweb(arguments: argparse.Namespace, *, limit: int, out: Path) -> list[Any]:
    """Return datatrove's steps from WARC to the filtered JSON lines."""
    from datatrove.pipeline.extractors import Trafilatura  # type: ignore[import-not-found, unused-ignore]
    from datatrove.pipeline.filters import (  # type: ignore[import-not-found, unused-ignore]
        C4QualityFilter,
        FineWebQualityFilter,
        GopherQualityFilter,
        GopherRepetitionFilter,
        LanguageFilter,
    )
    from datatrove.pipeline.readers import WarcReader  # type: ignore[import-not-found, unused-ignore]
    from datatrove.pipeline.writers.jsonl import JsonlWriter  # type: ignore[import-not-found, unused-ignore]
    from fasttext.FastText import _FastText  # type: ignore[import-not-found, unused-ignore]

    out.mkdir(parents=True)
    paths = out / "paths.txt"
    paths.write_text("".join(f"{warc.resolve()}\n" for warc in arguments.warcs))
    language = LanguageFilter(languages="en", language_threshold=0.65)
    language.model._model = _FastText(str(arguments.language_model))  # what its loader would have put there
    return [
        WarcReader("/", paths_file=str(paths), limit=limit),
        Trafilatura(favour_precision=True)
        if arguments.timeout is None
        else Trafilatura(favour_precision=True, timeout=arguments.timeout),
        language,
        GopherRepetitionFilter(),
        GopherQualityFilter(),
        C4QualityFilter(filter_no_terminal_punct=False),
        FineWebQualityFilter(),
        JsonlWriter(str(out / "output")),
    ]


def describe(step: Any) -> dict[str, Any]:
    """Return what datatrove tells of a step: wall seconds (its child's wait included) and counts."""
    counts = {name: count.total for name, count in step.stats.stats.items() if not name.startswith("doc_len")}
    return {"name": type(step).__name__, "wall_seconds": step.stats.time_stats.total, "counts": counts}


def measure_reading(warcs: Iterable[Path]) -> dict[str, Any]:
    """Read every record's payload with warcio."""
    from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-not-found, unused-ignore]

    records = payload = 0
    cpu, wall = cpu_seconds(), time.perf_counter()
    for warc in warcs:
        with warc.open("rb") as stream:
            for record in ArchiveIterator(stream):
                records += 1
                payload += len(record.content_stream().read())
    seconds = sum(cpu_seconds()) - sum(cpu)
    wall = time.perf_counter() - wall
    return {"cpu_seconds": seconds, "wall_seconds": wall, "records": records, "payload_bytes": payload}


def cpu_seconds() -> tuple[float, float]:
    """Return the CPU seconds, user and system, of this process and of its children that have ended."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime, children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()
