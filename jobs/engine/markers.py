"""Markers: the small JSON files that say what is finished. A table's are listed once and read in parallel, then kept in memory.

A run asks the store for each table once, however many chunks there are, and again for nothing: it is the only run on its root
(see lease), so what it has read or written is what is there. Nothing is asked for a file of the input.
"""

import json
from collections.abc import Collection
from threading import Lock
from typing import Any

from jobs.engine.store import Store, delete_all, read_all

MARKER = "_stage.json"  # written last: complete if it is there; the underscore hides it from every Parquet reader
CHUNKS = "_chunks"
Marker = dict[str, Any]


class Markers:
    """Read and write the markers of a root. Several threads may write those of different chunks."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._folders: dict[str, dict[str, Marker]] = {}
        self._stages: dict[str, Marker | None] = {}
        self._files: dict[str, Marker | None] = {}
        self._lock = Lock()

    def stage(self, folder: str) -> Marker | None:
        """Return what a finished stage wrote last, else None."""
        with self._lock:
            if folder not in self._stages:
                self._stages[folder] = parsed(self.store.read(f"{folder}/{MARKER}"))
            return self._stages[folder]

    def write_stage(self, folder: str, marker: Marker) -> None:
        """Say that a stage is finished."""
        write_json(self.store, f"{folder}/{MARKER}", marker)
        with self._lock:
            self._stages[folder] = marker

    def forget_stage(self, folder: str) -> None:
        """Say that a stage is not finished."""
        if self.stage(folder) is not None:
            self.store.delete(f"{folder}/{MARKER}")
        with self._lock:
            self._stages[folder] = None

    def json(self, path: str) -> Marker | None:
        """Return another small JSON file of the root."""
        with self._lock:
            if path not in self._files:
                self._files[path] = read_json(self.store, path)
            return self._files[path]

    def write_json(self, path: str, value: Marker) -> None:
        """Write another small JSON file of the root."""
        write_json(self.store, path, value)
        with self._lock:
            self._files[path] = value

    def folder(self, folder: str) -> dict[str, Marker]:
        """Return the JSON files of a folder by name, in order: one listing, and a request each, once a run."""
        with self._lock:
            if folder not in self._folders:
                self._folders[folder] = read_folder(self.store, folder)
            return dict(self._folders[folder])

    def write_in(self, folder: str, name: str, value: Marker) -> None:
        """Write one of a folder's JSON files."""
        self.folder(folder)
        write_json(self.store, f"{folder}/{name}.json", value)
        with self._lock:
            self._folders[folder] = dict(sorted((self._folders[folder] | {name: value}).items()))

    def delete_in(self, folder: str, names: Collection[str]) -> None:
        """Delete some of a folder's JSON files; what is not there is not asked for."""
        known = self.folder(folder)
        delete_all(self.store, [f"{folder}/{name}.json" for name in names if name in known])
        with self._lock:
            self._folders[folder] = {name: value for name, value in self._folders[folder].items() if name not in names}

    def chunks(self, folder: str) -> dict[str, Marker]:
        """Return the markers of a table's finished chunks, by chunk, in order."""
        return self.folder(f"{folder}/{CHUNKS}")

    def write_chunk(self, folder: str, chunk: str, marker: Marker) -> None:
        """Say that a chunk is finished."""
        self.write_in(f"{folder}/{CHUNKS}", chunk, marker)

    def forget_chunks(self, folder: str, chunks: Collection[str]) -> None:
        """Say that chunks are not finished."""
        self.delete_in(f"{folder}/{CHUNKS}", chunks)

    def forget(self, folder: str) -> None:
        """Say that neither a stage nor any of its chunks is finished."""
        self.forget_stage(folder)
        if self.chunks(folder):
            self.store.delete(f"{folder}/{CHUNKS}")
        with self._lock:
            self._folders[f"{folder}/{CHUNKS}"] = {}


def read_folder(store: Store, folder: str) -> dict[str, Marker]:
    """Read every JSON file of a folder, by name without its ending; one that a kill cut off counts as absent."""
    paths = [f"{folder}/{name}" for name in store.names(folder) if name.endswith(".json") and not name.startswith((".", "_"))]
    found = {path.rpartition("/")[2].removesuffix(".json"): parsed(text) for path, text in read_all(store, paths).items()}
    return {name: marker for name, marker in sorted(found.items()) if marker is not None}


def parsed(text: str | None) -> Marker | None:
    """Read JSON; what is absent, or was cut off by a kill, is None: not finished."""
    try:
        value = json.loads(text) if text is not None else None
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def write_json(store: Store, path: str, value: Marker) -> None:
    """Write a small JSON file whole."""
    store.write(path, json.dumps(value, indent=1, sort_keys=True, default=str) + "\n")


def read_json(store: Store, path: str) -> Marker | None:
    """Read a small JSON file; one that is absent or cut off is None."""
    return parsed(store.read(path))
