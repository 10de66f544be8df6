"""Read a packed root by the trainers' own readers. Run it by another environment, whose Python has them:

    pip install torch==2.13.0 && pip install --no-deps megatron-core==0.16.1 mosaicml-streaming==0.13.0 packaging && pip install datasets
    python bench/pack/formats_reference.py ROOT

It prints a line a reader: what it read, and whether that is, token for token, what the Parquet files hold by pyarrow.
mosaicml-streaming asks for libraries of clouds and of models at import. Modules without content stand for them here.
"""

import importlib.machinery
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import numpy as np

STUBS = """
transformers torchvision torchvision.transforms torchvision.transforms.functional torchvision.datasets
torchvision.models torchvision.io oci oci.exceptions azure azure.core azure.core.exceptions google google.auth
google.cloud google.cloud.storage google.auth.exceptions google.api_core google.api_core.exceptions zstd snappy
brotli botocore botocore.config botocore.exceptions catalogue paramiko huggingface_hub databricks
databricks.sdk
"""  # what mosaicml-streaming imports and this reader does not need


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
        mine = [data[place] for place in range(len(data))]
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch) / "copy"
            builder = IndexedDatasetBuilder(f"{copy}.bin", dtype=mine[0].dtype.type)
            for one in mine:
                builder.add_document(torch.from_numpy(one.astype(np.int64)), [len(one)])
            builder.finalize(f"{copy}.idx")
            same &= all(Path(f"{copy}{end}").read_bytes() == shard.with_suffix(end).read_bytes() for end in (".bin", ".idx"))
        found += mine
    return f"{verdict(found, rows)}; bytes {'equal to' if same else 'DIFFER from'} its builder's"


def by_gpt_dataset(folder: Path, rows: list[Any]) -> str:
    """Let GPTDataset draw samples of the same length; every one must be a whole sequence of ours."""
    import torch  # type: ignore[import-not-found, unused-ignore]
    from megatron.core.datasets.blended_megatron_dataset_builder import BlendedMegatronDatasetBuilder  # type: ignore[import-not-found, unused-ignore]
    from megatron.core.datasets.gpt_dataset import GPTDataset, GPTDatasetConfig  # type: ignore[import-not-found, unused-ignore]

    if not torch.distributed.is_initialized():
        torch.distributed.init_process_group("gloo", init_method="tcp://127.0.0.1:29511", rank=0, world_size=1)
    length = len(rows[0])
    stem = str(sorted((folder / "megatron").glob("*.idx"))[0].with_suffix(""))
    with tempfile.TemporaryDirectory() as cache:
        config = GPTDatasetConfig(
            random_seed=1,
            sequence_length=length,
            blend=([stem], None),
            split="1",
            path_to_cache=cache,
            tokenizer=MagicMock(eod=50_256),
            reset_position_ids=False,
            reset_attention_mask=False,
            eod_mask_loss=False,
            create_attention_mask=False,
        )
        made = BlendedMegatronDatasetBuilder(GPTDataset, [None, None, None], lambda: True, config).build()[0]
        wanted = {one.tobytes() for one in (row.astype(np.int64) for row in rows)}
        samples = [made[place]["tokens"].numpy().astype(np.int64) for place in range(len(made))]
        whole = sum(one.tobytes() in wanted for one in samples)
    return f"{len(samples)} samples of {length}, {whole} of them whole sequences of ours"


def by_streaming(folder: Path, rows: list[Any]) -> str:
    """Open the shards by mosaicml-streaming's LocalDataset."""
    for name in STUBS.split():
        try:
            __import__(name)
        except ImportError:
            stub: Any = MagicMock(name=name)
            stub.__spec__, stub.__path__ = importlib.machinery.ModuleSpec(name, None), []
            sys.modules[name] = stub
    from streaming import LocalDataset  # type: ignore[import-not-found, unused-ignore]

    found = LocalDataset(local=str(folder / "mds"))
    samples = [found[place] for place in range(len(found))]
    ends = all(one["document_ends"][-1] <= len(one["tokens"]) for one in samples)
    return f"{verdict([one['tokens'] for one in samples], rows)}; document ends {'within' if ends else 'BEYOND'} sequences"


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
    folder = Path(root) / "packed/epoch-0"
    rows = expected(folder)
    readers: dict[str, Callable[[Path, list[Any]], str]] = {
        "megatron-core IndexedDataset": by_indexed_dataset,
        "megatron-core GPTDataset": by_gpt_dataset,
        "mosaicml-streaming LocalDataset": by_streaming,
        "datasets load_dataset": by_datasets,
        "nanoGPT memmap": by_nanogpt,
    }
    for name, read in readers.items():
        try:
            print(f"{name}: {read(folder, rows)}", flush=True)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
