"""Reads what `[pack]` has written: its sequences, and which documents stand in each, in the format that is there."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import xxhash

from udfs.reading.http_s3 import REMOTE
from udfs.reading.location import open_location
from udfs.testbed.arm_tokens import KEYS, OFFSETS, TOKEN, TOKENS, ArmError, Holds, Written
from udfs.token_files.flat import HEADER_NUMBERS

MANIFEST = "packed/manifest.json"
_FLAT = {"nanogpt": 0, "llmc": 4 * HEADER_NUMBERS, "megatron": 0}  # bytes before the first token
_READ = ("parquet", *_FLAT)
_ROWS_AT_ONCE, _PIECE = 1024, 1 << 20
PADDING = -1

Decode = Callable[[npt.NDArray[Any]], str]


def read_manifest(root: str) -> dict[str, Any]:
    """Read the manifest of a packed root. Raises ArmError if there is none, or no format that is read here."""
    try:
        with closing(open_location(f"{root.rstrip('/')}/{MANIFEST}")) as stream:
            found: dict[str, Any] = json.loads(stream.read())
    except (OSError, ValueError) as error:
        raise ArmError(
            f"{root}/{MANIFEST} cannot be read ({error}), so {root} is no packed root that is finished; nothing was run. "
            f"Run its recipe with a section [pack]"
        ) from None
    if not set(found["formats"]) & set(_READ):
        raise ArmError(
            f"{root} is packed as {', '.join(found['formats'])}, and an arm is read from {', '.join(_READ)}; nothing was run. "
            f"Add one of them to [pack] formats"
        )
    return found


def write_sequences(folder: Path, root: str, decode: Decode, holds: Holds) -> Written:
    """Copy the sequences of the first epoch, padding as -1, those left out that hold an evaluation item in one of their documents.

    A file on S3 is fetched beside the copy first, and deleted after. A document that is cut between two sequences is searched in two
    parts. Raises ArmError for a file that is not the manifest's.
    """
    manifest = read_manifest(root)
    folder.mkdir(parents=True, exist_ok=True)
    counts, ends, keys = Written(), [0], list[int]()
    form = next(one for one in _READ if one in manifest["formats"])
    with (folder / TOKENS).open("wb") as file, tempfile.TemporaryDirectory(dir=folder) as fetched:
        for row, documents in _sequences(Source(root, Path(fetched)), manifest, form):
            spans = [(one["at"], one["at"] + one["end"] - one["start"]) for one in documents]
            texts = [decode(row[start:end]) for start, end in spans]
            held = next((name for text in texts if (name := holds(text)) is not None), None)
            if held is not None:
                counts.leave_out(held, len(documents))
                continue
            filled = spans[-1][1] if spans else 0
            marked = row.astype(TOKEN)
            marked[filled:] = PADDING
            file.write(marked.tobytes())
            keys += (xxhash.xxh3_64_intdigest(str(one["id"]).encode()) for one in documents)
            ends.append(len(keys))
            counts.tokens += filled
            counts.bytes += sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    np.save(folder / OFFSETS, np.array(ends, np.int64))
    np.save(folder / KEYS, np.array(keys, np.uint64))
    counts.documents = len(set(keys))
    return counts


class Source(NamedTuple):
    """Name a packed root, and the folder that its files are fetched to if it is on S3."""

    root: str
    fetched: Path

    @property
    def is_remote(self) -> bool:
        """Tell whether the files must be fetched."""
        return self.root.startswith(REMOTE)


def _sequences(source: Source, manifest: dict[str, Any], form: str) -> Iterator[tuple[npt.NDArray[Any], list[dict[str, Any]]]]:
    """Yield each sequence of the first epoch with its documents, shard by shard."""
    files = [one for one in manifest["files"] if one["epoch"] == 0]
    ending = ".parquet" if form == "parquet" else ".bin"
    for one in sorted(files, key=lambda one: int(one["shard"])):
        if f"/{form}/" in one["name"] and one["name"].endswith(ending):
            path = _checked(source, one)
            spans = _checked(source, next(two for two in files if two["shard"] == one["shard"] and "/spans/" in two["name"]))
            rows = _parquet(path) if form == "parquet" else _flat(path, manifest, skipped=_FLAT[form])
            yield from zip(rows, _documents(spans), strict=True)
            if source.is_remote:
                path.unlink()
                spans.unlink()


def _checked(source: Source, file: dict[str, Any]) -> Path:
    """Return a file of the manifest on this machine's disk. Raises ArmError if it cannot be read, or is another one."""
    where = f"{source.root.rstrip('/')}/packed/{file['name']}"
    path = source.fetched / str(file["name"]).replace("/", "-") if source.is_remote else Path(where)
    found = hashlib.sha256()
    try:
        with closing(open_location(where)) as stream, path.open("wb") if source.is_remote else nullcontext() as copy:
            while piece := stream.read(_PIECE):
                found.update(piece)
                if copy is not None:
                    copy.write(piece)
    except OSError as error:
        raise ArmError(f"{where} cannot be read ({error}), and its manifest names it; nothing was run") from None
    if found.hexdigest() != file["sha256"]:
        raise ArmError(
            f"{where} has sha256 {found.hexdigest()}, and its manifest says {file['sha256']}: it is damaged, so nothing was run. Pack again"
        )
    return path


def _parquet(path: Path) -> Iterator[npt.NDArray[Any]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_ROWS_AT_ONCE, columns=["input_ids"]):
            for row in batch.column("input_ids"):
                yield row.values.to_numpy()


def _flat(path: Path, manifest: dict[str, Any], *, skipped: int) -> Iterator[npt.NDArray[Any]]:
    tokens = np.memmap(path, f"<u{manifest['token_bytes']}", mode="r", offset=skipped)
    yield from tokens.reshape(-1, manifest["sequence_length"])


def _documents(path: Path) -> Iterator[list[dict[str, Any]]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_ROWS_AT_ONCE, columns=["documents"]):
            for documents in batch.column("documents").to_pylist():
                yield sorted(documents, key=lambda one: int(one["at"]))
