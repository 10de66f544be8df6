"""An arm's tokens and a run's batches: the same from any order of files, gone through as often as the recipe says."""

import hashlib
import json
from collections import Counter
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

pytest.importorskip("tokenizers")

from tests.testbed.tiny import texts, tokenizer, vocabulary
from udfs.testbed.arm_tokens import FACTS, ArmError, Batches, Budget, Written, batches, write_documents
from udfs.testbed.order import TextKeys
from udfs.testbed.packed_rows import read_manifest, write_sequences
from udfs.token_files.format import FormatName, Shape
from udfs.tokens.encoders import Encode, open_encoder
from udfs.tokens.shard_batches import Part, WriteShards

FORMATS: tuple[FormatName, ...] = ("parquet", "nanogpt", "llmc", "megatron")
EOS = 0


@pytest.fixture(scope="module")
def encode(tmp_path_factory: pytest.TempPathFactory) -> Encode:
    return open_encoder(vocabulary(tokenizer(tmp_path_factory.mktemp("tokenizer"))), "definition")


def no_item(text: str) -> str | None:
    return None


def written(folder: Path, given: list[str], encode: Encode) -> Written:
    counts = write_documents(folder, iter(given), encode, eos=EOS, holds=lambda text: "set" if "held" in text else None)
    (folder / FACTS).write_text(json.dumps({"name": "arm", "tokens": counts.tokens, "sequence_length": 0}))
    return counts


def all_rows(found: Batches, budget: Budget) -> npt.NDArray[np.int64]:
    return np.concatenate([found.rows(step) for step in range(budget.steps)])


def test_a_text_that_comes_again_has_a_place_of_its_own() -> None:
    found = TextKeys()
    found.add(["a", "b", "a"])
    found.add(["a"])
    keys = found.keys().tolist()
    assert len(set(keys)) == 4
    other = TextKeys()
    other.add(["b", "a", "a", "a"])
    assert set(other.keys().tolist()) == set(keys)


def test_the_order_of_files_does_not_show_in_the_batches(tmp_path: Path, encode: Encode) -> None:
    some = [*texts(40), *texts(3)]  # three texts are there twice
    budget = Budget(steps=6, batch=4, length=16, epochs=1)
    found = []
    for number, given in enumerate((some, some[::-1])):
        written(tmp_path / str(number), given, encode)
        found.append(all_rows(batches(tmp_path / str(number), budget, seed=1, order=0), budget))
    assert (found[0] == found[1]).all() and found[0].shape == (24, 17)
    for seed, order in ((2, 0), (1, 1)):
        assert (all_rows(batches(tmp_path / "0", budget, seed=seed, order=order), budget) != found[0]).any()


def test_a_document_that_holds_an_item_is_left_out_and_counted(tmp_path: Path, encode: Encode) -> None:
    some = texts(5)
    counts = written(tmp_path, [*some, "held one", "held two"], encode)
    sizes = [len(encode([text])[0]) + 1 for text in some]
    assert counts == Written(5, sum(sizes), sum(map(len, some)), {"set": 2})
    stream = np.fromfile(tmp_path / "tokens.bin", "<i4").tolist()
    assert [len([*one]) + 1 for is_end, one in groupby(stream, lambda token: token == EOS) if not is_end] == sizes


def test_two_epochs_are_half_of_the_tokens_twice_each_time_in_another_order(tmp_path: Path, encode: Encode) -> None:
    written(tmp_path, texts(60), encode)
    budget = Budget(steps=8, batch=4, length=16, epochs=2)
    found = batches(tmp_path, budget, seed=1, order=0)
    rows = [tuple(row) for row in all_rows(found, budget)]
    assert set(Counter(rows).values()) == {2} and (found.epochs, found.distinct_tokens) == (2.0, 16 * 16)
    assert set(rows[:16]) == set(rows[16:]) and rows[:16] != rows[16:]
    once = batches(tmp_path, Budget(steps=8, batch=4, length=16, epochs=1), seed=1, order=0)
    assert once.documents > found.documents and once.epochs == 1.0


def test_a_small_arm_repeats_what_there_is_and_says_so_and_an_empty_one_is_refused(tmp_path: Path, encode: Encode) -> None:
    counts = written(tmp_path / "small", texts(2), encode)
    budget = Budget(steps=10, batch=4, length=16, epochs=1)
    found = batches(tmp_path / "small", budget, seed=1, order=0)
    assert found.epochs == 40 / ((counts.tokens - 1) // 16) and found.documents == 2
    assert all_rows(found, budget).shape == (40, 17)
    written(tmp_path / "empty", [], encode)
    with pytest.raises(ArmError, match="'arm' has 0 tokens, not one sequence of 16"):
        batches(tmp_path / "empty", budget, seed=1, order=0)


def packed_root(root: Path, form: FormatName) -> Path:
    """Write twelve sequences of nine tokens in two shards, as pack does, each of two documents and one token of padding."""
    worker = WriteShards(str(root / "packed"), 0, (form,), Shape(9, 2), EOS, "f")
    for shard in range(2):
        rows = []
        for sequence in range(6):
            for place, size in ((0, 5), (5, 3)):
                first = shard * 100 + sequence * 10 + place
                tokens = np.arange(first + 1, first + 1 + size, dtype="<u2").tobytes()
                rows.append(Part(shard, sequence, 0, sequence, place, f"id-{first}", 1, 0, size, tokens)._asdict())
        [*worker([pa.RecordBatch.from_pylist(rows)])]
    markers = [json.loads(path.read_text()) for path in sorted((root / "packed/_chunks").glob("*.json"))]
    files = [{"epoch": one["epoch"], "shard": one["shard"], **file} for one in markers for file in one["files"]]
    facts = {"sequence_length": 9, "token_bytes": 2, "formats": [form], "files": files}
    (root / "packed/manifest.json").write_text(json.dumps(facts))
    return root


@pytest.mark.parametrize("form", FORMATS)
def test_packed_sequences_are_read_from_every_format(tmp_path: Path, form: FormatName) -> None:
    root = packed_root(tmp_path / "root", form)
    counts = write_sequences(
        tmp_path / "arm", str(root), lambda ids: str(ids[0]), lambda text: "set" if text == "106" else None
    )
    assert (counts.documents, counts.tokens, counts.removed) == (22, 11 * 8, {"set": 2})
    (tmp_path / "arm" / FACTS).write_text(json.dumps({"name": "arm", "tokens": counts.tokens, "sequence_length": 9}))
    budget = Budget(steps=11, batch=1, length=8, epochs=1)
    found = batches(tmp_path / "arm", budget, seed=1, order=0)
    rows = sorted(map(tuple, all_rows(found, budget).tolist()))
    firsts = [shard * 100 + sequence * 10 for shard in range(2) for sequence in range(6) if (shard, sequence) != (1, 0)]
    assert rows == [(*range(first + 1, first + 9), -1) for first in firsts] and found.documents == 22


def test_a_packed_root_that_is_unfinished_damaged_or_in_no_known_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArmError, match="no packed root that is finished"):
        read_manifest(str(tmp_path))
    root = packed_root(tmp_path / "root", "nanogpt")
    file = root / "packed/epoch-0/nanogpt/shard-00001.bin"
    file.write_bytes(file.read_bytes()[:-2] + b"xx")
    with pytest.raises(ArmError, match=f"has sha256 {hashlib.sha256(file.read_bytes()).hexdigest()}, and its manifest says"):
        write_sequences(tmp_path / "arm", str(root), str, no_item)
    facts = json.loads((root / "packed/manifest.json").read_text())
    (root / "packed/manifest.json").write_text(json.dumps(facts | {"formats": ["mds"]}))
    with pytest.raises(ArmError, match="is packed as mds, and an arm is read from parquet, nanogpt, llmc, megatron"):
        read_manifest(str(root))
