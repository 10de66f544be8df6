"""A store that counts what it is asked, by table, and a finished root of any size, made up of markers alone."""

import time
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from threading import Lock
from typing import Any

from jobs.annotate.stage import wanted
from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Context
from jobs.engine.local_store import LocalStore
from jobs.engine.markers import Markers, write_json
from jobs.engine.models import ModelFile
from jobs.engine.progress import Progress
from jobs.engine.root import Root
from jobs.engine.store import Store
from jobs.recipe.load import stages_of
from jobs.recipe.recipe import Recipe
from tests.labels_file import labels_file
from udfs.documents.file_row import FileRange

MODEL = ModelFile("lid.176.ftz", labels_file(("cc", "de", "en", "hq")), "a" * 64)
NOTHING: dict[str, Any] = {"in": 0, "in_id_sum": "0", "kept": 0, "kept_id_sum": "0", "dropped": {}, "failed": {}}


class CountingStore:
    """Hand every request on, and count it by the first folder of its path, `kinds` by what is asked too; answer after a delay."""

    def __init__(self, store: Store, *, latency_s: float = 0.0) -> None:
        self._store, self._latency_s = store, latency_s
        self.kinds: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    @property
    def asked(self) -> Counter[str]:
        """Return how often each table was asked."""
        found: Counter[str] = Counter()
        for (table, _), count in self.kinds.items():
            found[table] += count
        return found

    def _count(self, path: str, kind: str) -> None:
        with self._lock:
            self.kinds[path.partition("/")[0] or "the root", kind] += 1
        if self._latency_s:
            time.sleep(self._latency_s)

    def names(self, folder: str) -> list[str]:
        """List a folder: S3 gives a thousand names a request."""
        found = self._store.names(folder)
        for _ in range(0, max(1, len(found)), 1000):
            self._count(folder, "list")
        return found

    def read(self, path: str) -> str | None:
        """Read a file."""
        self._count(path, "read")
        return self._store.read(path)

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        self._count(path, "write")
        self._store.write(path, text)

    def create(self, path: str, text: str) -> bool:
        """Create a file."""
        self._count(path, "create")
        return self._store.create(path, text)

    def delete(self, path: str) -> None:
        """Delete a file or folder."""
        self._count(path, "delete")
        self._store.delete(path)

    def exists(self, path: str) -> bool:
        """Look whether something is there."""
        self._count(path, "exists")
        return self._store.exists(path)


def counted(root: Root) -> CountingStore:
    """Have a root count what it asks from here on, with nothing in memory."""
    store = CountingStore(root.store)
    root.store, root.markers = store, Markers(store)
    return store


def paths(chunks: int, files: int) -> list[str]:
    """Name the files of a crawl."""
    return [f"s3://commoncrawl/{n:06d}.warc.gz" for n in range(chunks * files)]


def made_up(root: Root, recipe: Recipe, *, chunks: int, files: int, failed: tuple[int, ...] = ()) -> Context:
    """Write the markers of a finished run over so many chunks of so many files; one file of each `failed` chunk could not be read."""
    stages = stages_of(recipe)
    models = {stage.name: dict.fromkeys(stage.models(recipe.of(stage), recipe), MODEL) for stage in stages}
    context = Context(recipe, root, Progress(quiet=True), stages, models, pins={"dedup": []})
    store, every = LocalStore(root.path), paths(chunks, files)
    how = context.job(context.source).how()
    sets = {
        name: {"fingerprint": value, "pass": "first"} for name, value in wanted(context.job(context.stage("annotate"))).items()
    }
    for number in range(chunks):
        name, own = f"{number:05d}", every[number * files : (number + 1) * files]
        lost = own[:1] if number in failed else []
        facts = {"files": files, "good_files": files - len(lost), "failed_files": lost, "pages": 9, "kept": 9}
        write_json(store, f"plan/{name}.json", {"files": [asdict(FileRange(path, number)) for path in own]})
        write_json(store, f"documents/_chunks/{name}.json", {"fingerprint": how, **facts})
        write_json(store, f"signals/_chunks/{name}.json", {"fingerprint": fingerprint(sets), "sets": sets})
        write_json(store, f"corpus/_chunks/{name}.json", {"fingerprint": "x", "files": 1})
    write_json(store, "recipe.json", recipe.as_json())
    write_json(store, "duplicate_ids.json", {"records": 0})
    for stage in stages:
        key = context.job(stage).key()
        write_json(store, f"{stage.folder}/_stage.json", {"stage": stage.name, "fingerprint": key, "ledger": NOTHING})
    return replace(context, root=anew(root))


def anew(root: Root) -> Root:
    """Open a root as a new process would."""
    return Root(root.session, root.path)


def local(folder: Path) -> Root:
    """Open a root for its small files alone."""
    return Root(None, str(folder))
