"""Loads fastText models only after their file is known to be whole.

fastText loops for ever on a truncated file and crashes on a damaged one, so nothing reaches it unchecked.
"""

import hashlib
import mmap
import re
import struct
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from udfs.errors import RefusedError

MAGIC = 793712314  # fastText src/fasttext.cc, FASTTEXT_FILEFORMAT_MAGIC_INT32
VERSIONS = (11, 12)  # 12 since fastText 0.1.0; it still reads 11
_HEADER = struct.Struct("<2i12id")  # magic, version, twelve integer arguments, then t
_DICTIONARY = struct.Struct("<3iqq")  # size, words, labels, tokens, pruned entries (-1: none)
_SUPERVISED = 3
# files that are no fastText models: SentencePiece's and KenLM's, of vectors, of tokens; what reads them checks them
OTHERS = (".sp.model", ".arpa.bin", ".safetensors", ".onnx", ".json", ".vectors.npz", ".labels.npz", ".tiktoken")
PREFIX = "__label__"  # of a label in the file
_LABEL = 1  # of a dictionary's entry: a word is 0


class ModelError(RefusedError, ValueError):
    """A model file that must not be loaded: missing, truncated, damaged, or not the pinned one."""


class Classifier(Protocol):
    """Name the one method of a fastText model that the measures call."""

    def predict(self, text: str, k: int = 1) -> tuple[tuple[str, ...], Sequence[float]]:
        """Return the k most probable labels and their probabilities for one line of text."""


def sha256_of(path: str | Path) -> str:
    """Return the sha256 of a file as 64 hex digits, reading it in blocks."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verified_path(path: str | Path, sha256: str) -> Path:
    """Return the path if the file there has this sha256.

    Raises ModelError for a missing file, another hash, or a pin that is not 64 hex digits.
    """
    path = Path(path)
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise ModelError(
            f"sha256 {sha256!r} pinned for {path} is not 64 lower-case hex digits, so the model cannot be checked. "
            f"Pin the line that `sha256sum {path}` prints."
        )
    _check_exists(path)
    found = sha256_of(path)
    if found != sha256:
        raise ModelError(
            f"model {path} ({path.stat().st_size} bytes) has sha256 {found}, pinned is {sha256}: it is truncated, "
            f"damaged or another model, and its scores would not be the recipe's. Fetch it again, or pin the new hash."
        )
    return path


def shipped_name(path: str | Path, sha256: str) -> str:
    """Name the copy of a model that executors are sent; models of one name and other contents do not meet."""
    return f"{sha256[:16]}-{Path(path).name}"


def found_path(path: str | Path, sha256: str) -> Path:
    """Return where this machine has the model with this sha256: at the driver's path, or among the files that Spark has sent.

    Spark puts the folder of those on the sys.path of every Python worker, and a page child has its parent's. Raises
    ModelError if it is in neither place.
    """
    shipped = shipped_name(path, sha256)
    places = (Path(path), *(Path(folder) / shipped for folder in sys.path))
    there = [place for place in places if place.is_file()]
    for place in there:
        if sha256_of(place) == sha256:
            return place
    return verified_path(there[0] if there else path, sha256)  # raises, telling what is wrong with it


def check_structure(path: str | Path) -> None:
    """Walk a fastText file and check that it ends where its own counts say, without loading it; files named as OTHERS pass.

    Raises ModelError. Finds truncation and other formats, not changed weights: only a pinned sha256 does.
    Layout: fastText src/fasttext.cc, dictionary.cc, densematrix.cc, quantmatrix.cc, productquantizer.cc. Costs about
    half a second a million words.
    """
    path = Path(path)
    _check_exists(path)
    if path.name.endswith(OTHERS):
        return
    size = path.stat().st_size
    if size < _HEADER.size + _DICTIONARY.size:
        raise ModelError(f"model {path} has {size} bytes, too few for a fastText model: it is truncated. Fetch it again.")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        magic, version, *arguments = _HEADER.unpack_from(data)
        if magic != MAGIC or version not in VERSIONS:
            raise ModelError(
                f"model {path} starts with {magic}, version {version}; fastText models start with {MAGIC}, version "
                f"11 or 12. It is something else (a .vec file? a web page?). Name a .bin or .ftz file."
            )
        if arguments[7] != _SUPERVISED:
            raise ModelError(f"model {path} holds word vectors, not a classifier: it has no labels. Name a supervised model.")
        try:
            end = _end_of_model(data)
        except (struct.error, IndexError, ValueError):
            end = size + 1
    if end != size:
        says = "more than its" if end > size else f"{end}, not its"
        raise ModelError(
            f"model {path} needs {says} {size} bytes by its own counts: it is truncated or damaged, and fastText would "
            f"hang on it. Fetch it again."
        )


def labels_of(path: str | Path) -> tuple[str, ...]:
    """Return the labels of a fastText classifier without its prefix `__label__`, sorted, from its dictionary alone.

    The file must have passed `check_structure` or have the sha256 that it should.
    """
    found = []
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        entries, _, _, _, _ = _DICTIONARY.unpack_from(data, _HEADER.size)
        at = _HEADER.size + _DICTIONARY.size
        for _ in range(entries):
            zero = data.find(b"\0", at)
            if data[zero + 9] == _LABEL:  # after the word's count of 8 bytes
                found.append(data[at:zero].decode("utf-8", "replace").removeprefix(PREFIX))
            at = zero + 10
    return tuple(sorted(found))


@lru_cache(maxsize=8)
def load_fasttext(path: str, sha256: str | None = None) -> Classifier:
    """Load a supervised fastText model once per process, after checking its file.

    With a sha256 the file must have it, and on an executor may be the copy that was sent there; without one its structure
    is walked. The cache survives from task to task in a reused Python worker, because this is a module and not a closure.
    """
    import fasttext  # here: a process that loads no model should not pay 0.2 s for it

    if sha256 is None:
        check_structure(path)
    model: Classifier = fasttext.load_model(path if sha256 is None else str(found_path(path, sha256)))
    return model


def one_line(text: str) -> str:
    """Return text as the single line that fastText reads, for scoring and for training alike.

    Newlines become spaces (as FineWeb and DCLM do). The literal "</s>", at which fastText stops reading, and
    "__label__", which it takes for an answer in training, lose their meaning: a page could else hide its text or label
    itself.
    """
    return text.replace("\n", " ").replace("</s>", "< /s>").replace("__label__", "__label ")


def _check_exists(path: Path) -> None:
    if not path.is_file():
        raise ModelError(
            f"no model file at {path}: nothing can be scored. Fetch it with `gristmill models fetch`, or correct the "
            f"path in the recipe."
        )


def _end_of_model(data: mmap.mmap) -> int:
    """Return the offset just after the output matrix."""
    entries, _, _, _, pruned = _DICTIONARY.unpack_from(data, _HEADER.size)
    at = _HEADER.size + _DICTIONARY.size
    for _ in range(entries):
        zero = data.find(b"\0", at)
        if zero < 0:
            raise ValueError("a word without end")
        at = zero + 1 + 9  # the word's count (8) and type (1)
    at += 8 * max(pruned, 0)
    for _ in ("input", "output"):
        quantised = data[at] != 0
        at = _end_of_quantised(data, at + 1) if quantised else _end_of_dense(data, at + 1)
    return at


def _end_of_dense(data: mmap.mmap, at: int) -> int:
    rows, columns = struct.unpack_from("<2q", data, at)
    return at + 16 + 4 * int(rows) * int(columns)


def _end_of_quantised(data: mmap.mmap, at: int) -> int:
    has_norms, rows, _, codes = struct.unpack_from("<?2qi", data, at)
    at = _end_of_quantiser(data, at + 21 + int(codes))
    return _end_of_quantiser(data, at + int(rows)) if has_norms else at


def _end_of_quantiser(data: mmap.mmap, at: int) -> int:
    (dimension,) = struct.unpack_from("<i", data, at)
    return at + 16 + 4 * 256 * int(dimension)  # dim, nsubq, dsub, lastdsub, then 256 centroids
