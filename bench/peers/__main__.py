"""Hold gristmill's dedup against its peers.

    python -m bench.peers run OUT --documents 40000                     every side once over the planted corpus
    python -m bench.peers run OUT --documents 40000 --sides gristmill   one side once more
    python -m bench.peers run OUT --texts pages.parquet                 real texts: columns id and text
    python -m bench.peers judge OUT/planted-40000                       precision and recall of what each side kept
    python -m bench.peers table OUT/planted-40000                       Markdown of all that was run and judged

A peer is installed with pip into an environment of its own below --cache, the first time. A folder OUT/planted-… holds the
corpus, and SIDE.json of every side: its runs, one after another.
"""

import argparse
import json
import math
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq

from bench.dedup.corpus import page_id
from bench.peers.judge import judge, truth_of
from bench.peers.planted import planted, write_planted
from bench.peers.report import table
from bench.peers.sides import SIDES, Spark, run_side
from bench.peers.texts import write_texts
from bench.process_usage import Limits

COMMANDS = ("run", "judge", "table")


def main() -> None:
    """Run, judge or print."""
    given = command_line()
    if given.what == "run":
        name = f"planted-{given.documents}" if given.texts is None else given.texts.stem
        run(given.out.absolute() / name, given)
    elif given.what == "judge":
        judge_all(given.out.absolute(), cores=given.cores)
    else:
        print("\n".join(table(given.out.absolute())))


def command_line() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="what", required=True)
    run_, judge_, table_ = (commands.add_parser(name) for name in COMMANDS)
    run_.add_argument("out", type=Path, help="folder for corpora and results")
    for command in (run_, judge_):
        command.add_argument("--cores", type=int, default=2)
    for command in (judge_, table_):
        command.add_argument("out", type=Path, help="folder of one corpus, as run leaves it")
    run_.add_argument("--documents", type=int, default=40_000)
    run_.add_argument("--texts", type=Path, help="Parquet with id and text, instead of the planted corpus")
    run_.add_argument("--sides", nargs="+", default=list(SIDES), choices=SIDES, metavar="SIDE", help="; ".join(SIDES))
    run_.add_argument("--times", type=int, default=1)
    run_.add_argument("--memory", default="4g", help="heap of each side's JVM")
    run_.add_argument("--partitions", type=int, default=16, help="spark.sql.shuffle.partitions")
    run_.add_argument(
        "--cache", type=Path, default=Path.home() / ".cache/gristmill-peers", help="folder for the peers' Pythons"
    )
    run_.add_argument("--max-cpu-seconds", type=float, default=3600, help="of a side, which is stopped then")
    run_.add_argument("--max-wall-seconds", type=float, default=math.inf)
    return parser.parse_args()


def run(out: Path, given: argparse.Namespace) -> None:
    """Make the corpus if it is not there, and run the sides."""
    root, made = out / "corpus", out / "corpus.json"
    if not made.is_file():
        if given.texts is None:
            size = write_planted(root, given.documents, cores=given.cores)
            about = {"documents": given.documents, "planted": True, "characters": size}
        else:
            about = {"planted": False} | write_texts(root, given.texts)
        made.write_text(json.dumps(about) + "\n")
    spark = Spark(cores=given.cores, memory=given.memory, partitions=given.partitions)
    limits = Limits(cpu_seconds=given.max_cpu_seconds, wall_seconds=given.max_wall_seconds)
    for _ in range(given.times):
        for side in given.sides:
            found = run_side(side, root, out, spark=spark, cache=given.cache.absolute(), limits=limits)
            print(side, found["runs"][-1], flush=True)


def judge_all(out: Path, *, cores: int) -> None:
    """Judge every side that has ended once, and write OUT/judged.json."""
    about = json.loads((out / "corpus.json").read_text())
    group: frozenset[str] = frozenset()
    if about["planted"]:
        corpus = planted(about["documents"])
        group = frozenset(page_id(corpus, n) for n in range(corpus.documents) if corpus.place(n) == "group")
    kept = {file.name.removesuffix(".ids.parquet"): file for file in sorted(out.glob("*.ids.parquet"))}
    files = sorted((out / "corpus/documents").glob("chunk=*/kind=document/*.parquet"))
    with TemporaryDirectory(dir=out) as folder:
        truth = truth_of(files, Path(folder), group=group, cores=cores)
        judged = {name: asdict(judge(truth, frozenset(pq.read_table(file)["id"].to_pylist()))) for name, file in kept.items()}
    (out / "judged.json").write_text(json.dumps(judged, indent=1) + "\n")


if __name__ == "__main__":
    main()
