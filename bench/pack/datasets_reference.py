"""Read a packed root by the data sets that trainers build on their readers: Megatron's GPTDataset, MosaicML's StreamingDataset.

Run it in an environment of its own, on a CPU:

    pip install torch==2.13.0 numpy pyarrow packaging && pip install --no-deps megatron-core==0.16.1 mosaicml-streaming==0.13.0
    python bench/pack/datasets_reference.py ROOT

It prints a line a data set: the samples it gave, and whether each is one of our sequences, token for token, and each of ours came once.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from formats_reference import BARE, expected, make_bare, tell  # type: ignore[import-not-found, unused-ignore]  # beside this script


def megatron(folder: Path, rows: list[Any], cache: str, *, samples: int | None) -> Any:
    """Build the training split of all shards by BlendedMegatronDatasetBuilder: a GPTDataset for each, blended; one process is the world."""
    from megatron.core.datasets.blended_megatron_dataset_builder import (  # type: ignore[import-not-found, unused-ignore]
        BlendedMegatronDatasetBuilder,
    )
    from megatron.core.datasets.gpt_dataset import GPTDataset, GPTDatasetConfig  # type: ignore[import-not-found, unused-ignore]
    from torch import distributed  # type: ignore[import-not-found, unused-ignore]

    if not distributed.is_initialized():
        distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)  # type: ignore[attr-defined, unused-ignore]
    largest = max(int(row.max()) for row in rows)
    config = GPTDatasetConfig(
        random_seed=1,
        sequence_length=len(rows[0]),
        blend=([str(shard.with_suffix("")) for shard in shards_of(folder)], None),
        split="1,0,0",
        path_to_cache=cache,
        tokenizer=SimpleNamespace(eod=50_256, vocab_size=largest + 1, unique_identifiers={"class": "none"}, pad=-1),
        reset_position_ids=False,
        reset_attention_mask=False,
        eod_mask_loss=False,
        create_attention_mask=False,
    )
    return BlendedMegatronDatasetBuilder(GPTDataset, [samples, 0, 0], lambda: True, config).build()[0]


def shards_of(folder: Path) -> list[Path]:
    """List the index files of the shards."""
    return sorted((folder / "megatron").glob("*.idx"))


def by_gpt_dataset(folder: Path, rows: list[Any]) -> str:
    """Ask the GPTDataset of each shard for one epoch, and follow its shuffle back to our sequences.

    Its last sample would need a token after the last sequence, so each shard gives one sample less than it has sequences.
    """
    shards, first, seen = shards_of(folder), 0, list[int]()
    with tempfile.TemporaryDirectory() as cache:
        built = megatron(folder, rows, cache, samples=len(rows) - len(shards))
        for data in getattr(built, "datasets", [built]):
            count = len(data.dataset.sequence_lengths)
            for place in range(len(data)):
                sample, at = data[place], int(data.shuffle_index[place])
                ours, following = (first + int(data.document_index[at + more]) % count for more in (0, 1))
                labels = np.append(rows[ours][1:], rows[following][0])
                if np.array_equal(sample["tokens"], rows[ours]) and np.array_equal(sample["labels"], labels):
                    seen.append(ours)
            first += count
    whole = len(seen) == len(set(seen)) >= len(rows) - len(shards)
    return (
        f"{len(seen):,} samples of {len(shards)} shards, {'each one of ours, once, and its labels' if whole else 'NOT EQUAL'}"
    )


def by_blend(folder: Path, rows: list[Any]) -> str:
    """Ask the blended data set, as a trainer does: every sample must be one of our sequences."""
    ours = {np.asarray(row, np.int64).tobytes() for row in rows}
    with tempfile.TemporaryDirectory() as cache:
        built = megatron(folder, rows, cache, samples=len(rows) - len(shards_of(folder)))
        found = [built[place]["tokens"].numpy().tobytes() in ours for place in range(len(built))]
    return f"{len(found):,} samples, {'each one of ours' if found and all(found) else 'NOT EQUAL'}"


def by_streaming_dataset(folder: Path, rows: list[Any]) -> str:
    """Read the shards by StreamingDataset without a shuffle: our sequences in our order."""
    from streaming.base.dataset import StreamingDataset  # type: ignore[import-not-found, unused-ignore]

    data = StreamingDataset(local=str(folder / "mds"), remote=None, shuffle=False, batch_size=1)
    found = [np.array(sample["tokens"]) for sample in data]
    same = len(found) == len(rows) and all(np.array_equal(one, other) for one, other in zip(found, rows, strict=True))
    return f"{len(found):,} samples, {'every token equal, in our order' if same else 'NOT EQUAL'}"


def main(root: str) -> int:
    """Ask each data set in turn; one that cannot be imported is named."""
    folder = Path(root) / "packed/epoch-0"
    rows = expected(folder)
    make_bare(tuple(name for name in BARE if not name.startswith("streaming.base.format")))
    found: dict[str, Callable[[Path, list[Any]], str]] = {
        "mosaicml-streaming StreamingDataset": by_streaming_dataset,
        "megatron-core GPTDataset": by_gpt_dataset,
        "megatron-core BlendedDataset": by_blend,
    }
    tell(found, folder, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
