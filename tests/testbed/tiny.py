"""What the tests of the testbed share: a tokenizer of some 300 tokens, texts that follow a rule, a model that is small."""

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from udfs.models.model_file import sha256_of
from udfs.tokens.vocabulary import Vocabulary

WORDS = tuple(f"{first}{last}" for first in ("ba", "ko", "mi", "tu", "re") for last in ("l", "n", "s", "r", "m", "x"))
SHAPE: dict[str, Any] = {"layers": 1, "width": 16, "heads": 2, "hidden": 32, "sequence_length": 16}


def tokenizer(folder: Path) -> Path:
    """Write a tokenizer.json of bytes and some words, with <|endoftext|> as its first token."""
    import tokenizers

    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=310,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    made.train_from_iterator(texts(50), trainer)
    made.save(str(folder / "tiny.json"))
    return folder / "tiny.json"


def vocabulary(file: Path) -> Vocabulary:
    """Name a tokenizer.json."""
    return Vocabulary(file.name, str(file), sha256_of(file))


def texts(count: int, *, seed: int = 1, is_shuffled: bool = False) -> list[str]:
    """Return texts in which most words tell the next, or the same words in any order; no two share a dozen words in a row."""
    draws = random.Random(seed)
    found = []
    for number in range(count):
        at = draws.randrange(len(WORDS))
        words = []
        for place in range(20):
            at = (at + 7) % len(WORDS) if place % 6 else draws.randrange(len(WORDS))
            words.append(WORDS[at])
        if is_shuffled:
            draws.shuffle(words)
        found.append(f"{' '.join(words)} {number}.")
    return found


def write_jsonl(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    """Write rows as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path
