"""A chain whose pages and roots lie on S3, against the same chain on disk: `python -m bench.rephrase.s3_roots FOLDER`.

Pages, rephrases by a stub server, and megadocs, in one command. The S3 server is SeaweedFS, and boto3 and gristmill's reader speak S3
to it. Spark has no S3A connector here: its s3a:// is Hadoop's ViewFs over a FUSE mount of the same server, so both see the same objects.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.process_usage import machine, watch
from bench.rephrase.chain import G, write_chain
from tests.endpoint.stub_server import Reply, completion, serving
from tests.runs import rows
from tests.s3_server import BUCKET, S3Server, environment, free_ports, s3_server
from tests.waiting import wait_for

PAGES = [
    f"The mill of town {n} was built in {1700 + n} and ground {n} sacks of rye a day. Its miller sold the flour at the market of the town, "
    f"and bought {n} candles for the winter. In {1800 + n} a storm took two of its four sails, and nobody mended them."
    for n in range(1, 41)
]
VIEW = {
    "fs.s3a.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme",
    f"fs.viewfs.mounttable.{BUCKET}.linkFallback": "file://{mount}/" + BUCKET,
}
OPENINGS = ("We are told: ", "In short: ", "Facts: ")  # of the three styles
SEEN: dict[str, int] = {}  # what was asked beside the page, which tells the styles apart
TABLES = ("documents", "signals", "decisions/filter", "corpus")


def main(folder: Path) -> None:
    """Run the chain on S3 and on disk, compare, and print."""
    folder.mkdir(parents=True, exist_ok=True)
    gristmill, ports, mount = Path(sys.executable).parent / "gristmill", free_ports(), folder / "mount"
    print(machine())
    with s3_server(folder / "s3", ports=ports) as server, mounted(ports["filer.port"], mount), serving(shortened) as stub:
        lines = "".join(json.dumps({"id": f"p{n}", "text": text}) + "\n" for n, text in enumerate(PAGES))
        server.client().put_object(Bucket=BUCKET, Key="pages/0.jsonl", Body=lines.encode())
        (folder / "pages.jsonl").write_text(lines, "utf-8")
        for name, given, root in (
            ("s3", f"s3://{BUCKET}/pages", f"s3a://{BUCKET}/chain"),
            ("disk", str(folder / "pages.jsonl"), str(folder / "chain")),
        ):
            asked = stub.completed
            write_chain(folder / name, url=stub.url, model="small", max_tokens=60, length="> 20", pages=30, input_=given)
            command = [gristmill, "run", folder / name, "--root", root]
            for nth in ("first", "second"):
                used = watch(command, log=folder / f"{name}-{nth}.log", environment=settings(server, mount))
                print(
                    f"{name} {nth}: {used.wall_seconds:.0f} s, {used.cpu_seconds:.0f} CPU s, {stub.completed - asked} answers in all"
                )
        for run in ("pages", "rephrases", "megadocs"):
            for table in TABLES:
                if (folder / f"chain/{run}/{table}").exists():
                    same = told(mount / f"{BUCKET}/chain/{run}", table) == told(folder / f"chain/{run}", table)
                    print(f"{run} {table}: {len(rows(folder / f'chain/{run}', table))} rows, the same: {same}")
        megadoc = rows(mount / f"{BUCKET}/chain/megadocs", "corpus")[0]
        print(
            f"{megadoc['id']}: {len(megadoc['parents'])} parents, G = {G}, roots {sorted({one['root'] for one in megadoc['parents']})}"
        )
        explain = [gristmill, "explain", f"s3a://{BUCKET}/chain/megadocs", megadoc["id"]]
        watch(explain, log=folder / "explain.log", environment=settings(server, mount))
        print((folder / "explain.log").read_text("utf-8"))


def shortened(request: dict[str, object], number: int) -> Reply:
    """Leave out the style's own sentence of the page, and say something before it; for the last style every other page is repeated."""
    asked = str(request["messages"][-1]["content"])  # type: ignore[index]
    told, _, page = asked.partition("<page>\n")
    style = SEEN.setdefault(told, len(SEEN))
    sentences = page.partition("\n</page>")[0].split(". ")
    said = sentences if style == len(OPENINGS) - 1 and number % 2 else sentences[:style] + sentences[style + 1 :]
    return 200, {}, completion(request, text=OPENINGS[style] + ". ".join(said))


def told(root: Path, table: str) -> list[str]:
    """Read a table as text, without the names of the places where inputs and roots lie."""
    names = ("chunk", "file_path")
    return [
        json.dumps(row, default=str, sort_keys=True)
        .replace(f"s3a://{BUCKET}/chain", "R")
        .replace(str(root.parent), "R")
        .replace(f"s3://{BUCKET}/pages", "I")
        for row in rows(root, table, without=names)
    ]


def settings(server: S3Server, mount: Path) -> dict[str, str]:
    """Return the environment of a command: keys for boto3, and where Spark finds s3a://."""
    told = " ".join(f"--conf spark.hadoop.{name}={value.format(mount=mount)}" for name, value in VIEW.items())
    return environment(server.admin, endpoint=server.endpoint) | {"PYSPARK_SUBMIT_ARGS": f"{told} pyspark-shell"}


@contextmanager
def mounted(filer_port: int, folder: Path) -> Iterator[None]:
    """Mount the server's buckets; needs /dev/fuse and the right to mount."""
    folder.mkdir(exist_ok=True)
    weed = Path(sys.executable).parent / "weed"
    command = [weed, "mount", f"-filer=127.0.0.1:{filer_port}", f"-dir={folder}", "-filer.path=/buckets"]
    with folder.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log)
    try:
        if not wait_for(lambda: os.path.ismount(folder) or process.poll() is not None) or process.poll() is not None:
            raise SystemExit(f"it cannot be mounted:\n{folder.with_suffix('.log').read_text('utf-8')[-2000:]}")
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
