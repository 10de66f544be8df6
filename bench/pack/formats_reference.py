"""Read a packed root by the trainers' own readers. Run it by another environment, whose Python has them:

    pip install torch==2.13.0 && pip install --no-deps megatron-core==0.16.1 mosaicml-streaming==0.13.0 packaging && pip install datasets
    python bench/pack/formats_reference.py ROOT

It prints a line a reader: what it read, and whether that is, token for token, what the Parquet files hold by pyarrow.
The packages import far more than their readers need. So the readers' modules are imported alone, and other modules stand empty.
"""

import json
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import numpy as np

# packages whose __init__ imports libraries of clouds, models and GPUs, which the readers within do not need
BARE = (
    "megatron",
    "megatron.core",
    "megatron.core.datasets",
    "streaming",
    "streaming.base",
    "streaming.base.format",
    "streaming.base.format.base",
    "streaming.base.format.mds",
)
STUBS = ("zstd", "snappy", "brotli", "PIL", "torchvision", "transformers", "catalogue")


class Stubs:
    """Let modules that are imported and not used stand for themselves without content."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Find a stub by its name."""
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in STUBS else None  # type: ignore[arg-type]

    def create_module(self, spec: Any) -> Any:
        """Make the stub."""
        return MagicMock(__path__=[], __spec__=spec)

    def exec_module(self, module: Any) -> None:
        """Fill it with nothing."""


def make_bare(names: tuple[str, ...] = BARE) -> None:
    """Put empty packages in the place of these, with the folders of the real ones; megatron.core.utils is asked for a log line alone."""
    home = Path(sysconfig.get_paths()["purelib"])
    for name in names:
        package = ModuleType(name)
        package.__path__ = [str(home.joinpath(*name.split(".")))]
        sys.modules[name] = package
    logs: Any = ModuleType("megatron.core.utils")
    logs.log_single_rank = lambda *given, **named: None
    sys.modules["megatron.core.utils"] = logs
    sys.meta_path.append(Stubs())


def expected(folder: Path) -> list[Any]:
    """Read the ids of all sequences of an epoch, shard after shard, by pyarrow."""
    import pyarrow.parquet as pq

    files = sorted((folder / "parquet").glob("*.parquet"))
    return [np.array(ids) for file in files for ids in pq.read_table(file).column("input_ids").to_pylist()]


def by_indexed_dataset(folder: Path, rows: list[Any]) -> str:
    """Open each shard by megatron-core's IndexedDataset, and write it anew by its builder."""
    import torch  # type: ignore[import-not-found, unused-ignore]
    from megatron.core.datasets.indexed_dataset import IndexedDataset, IndexedDatasetBuilder  # type: ignore[import-not-found, unused-ignore]

    found, same = [], True
    for shard in sorted((folder / "megatron").glob("*.idx")):
        data = IndexedDataset(str(shard.with_suffix("")))
        mine = [np.array(data[place]) for place in range(len(data))]  # copies: the map is closed with the data set
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch) / "copy"
            builder = IndexedDatasetBuilder(f"{copy}.bin", dtype=mine[0].dtype.type)
            for one in mine:
                builder.add_document(torch.from_numpy(one.astype(np.int64)), [len(one)])
            builder.finalize(f"{copy}.idx")
            same &= all(Path(f"{copy}{end}").read_bytes() == shard.with_suffix(end).read_bytes() for end in (".bin", ".idx"))
        found += mine
    return f"{verdict(found, rows)}; bytes {'equal to' if same else 'DIFFER from'} its builder's"


def by_mds_reader(folder: Path, rows: list[Any]) -> str:
    """Read each shard by mosaicml-streaming's MDSReader, and write the first anew by its MDSWriter."""
    from streaming.base.format.mds.reader import MDSReader  # type: ignore[import-not-found, unused-ignore]
    from streaming.base.format.mds.writer import MDSWriter  # type: ignore[import-not-found, unused-ignore]

    shards = json.loads((folder / "mds/index.json").read_text())["shards"]
    readers = [MDSReader.from_json(str(folder / "mds"), None, dict(shard)) for shard in shards]
    samples = [[reader[place] for place in range(reader.size)] for reader in readers]
    columns = dict(zip(shards[0]["column_names"], shards[0]["column_encodings"], strict=True))
    with tempfile.TemporaryDirectory() as scratch:
        with MDSWriter(out=f"{scratch}/copy", columns=columns) as writer:
            for sample in samples[0]:
                writer.write(sample)
        same = (
            Path(f"{scratch}/copy/shard.00000.mds").read_bytes()
            == (folder / "mds" / shards[0]["raw_data"]["basename"]).read_bytes()
        )
    found = [sample["tokens"] for some in samples for sample in some]
    return f"{verdict(found, rows)}; bytes {'equal to' if same else 'DIFFER from'} its writer's"


def by_datasets(folder: Path, rows: list[Any]) -> str:
    """Open the Parquet files by Hugging Face's datasets."""
    from datasets import load_dataset  # type: ignore[import-not-found, unused-ignore]

    with tempfile.TemporaryDirectory() as cache:
        files = [str(file) for file in sorted((folder / "parquet").glob("*.parquet"))]
        found = load_dataset("parquet", data_files=files, split="train", cache_dir=cache)
        return verdict([np.array(ids) for ids in found["input_ids"]], rows)


def by_nanogpt(folder: Path, rows: list[Any]) -> str:
    """Map the files as nanoGPT's train.py does."""
    shape = json.loads((folder.parent / "manifest.json").read_text())
    kind = np.uint16 if shape["token_bytes"] == 2 else np.uint32
    found = [np.memmap(file, dtype=kind, mode="r") for file in sorted((folder / "nanogpt").glob("*.bin"))]
    return verdict(list(np.concatenate(found).reshape(-1, shape["sequence_length"])), rows)


def verdict(found: list[Any], rows: list[Any]) -> str:
    """Compare sequences with ours."""
    same = len(found) == len(rows) and all(np.array_equal(one, other) for one, other in zip(found, rows, strict=True))
    return f"{len(found):,} sequences, {'every token equal' if same else 'NOT EQUAL'}"


def main(root: str) -> int:
    """Ask each reader in turn; one that cannot be imported is named."""
    make_bare()
    folder = Path(root) / "packed/epoch-0"
    rows = expected(folder)
    readers: dict[str, Callable[[Path, list[Any]], str]] = {
        "megatron-core IndexedDataset": by_indexed_dataset,
        "mosaicml-streaming MDSReader": by_mds_reader,
        "datasets load_dataset": by_datasets,
        "nanoGPT memmap": by_nanogpt,
    }
    tell(readers, folder, rows)
    return 0


def tell(readers: dict[str, Callable[[Path, list[Any]], str]], folder: Path, rows: list[Any]) -> None:
    """Print what each reader says, or why it could not be asked."""
    for name, read in readers.items():
        try:
            print(f"{name}: {read(folder, rows)}", flush=True)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
