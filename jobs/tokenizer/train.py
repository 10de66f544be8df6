"""Trains a byte-level BPE tokenizer on a sample of a corpus, and measures it beside GPT-2's on texts that it has not seen."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from pyspark.sql import SparkSession

from jobs.tokenizer.reservoir import Text
from jobs.tokenizer.sample import draw
from jobs.tokenizer.settings import TokenizerSettings, TokenizerTrainError
from jobs.tokenizer.shares import Shares
from udfs.models.model_file import sha256_of
from udfs.tokens.encoders import Encode, open_encoder
from udfs.tokens.vocabulary import END_OF_TEXT, GPT2, Vocabulary
from udfs.words.split import split_words


@dataclass(frozen=True)
class Fertility:
    """Say how many tokens a word takes, and how many bytes a token holds, of the texts of a language."""

    language: str
    texts: int
    bytes: int
    tokens_a_word: float
    bytes_a_token: float
    gpt2_tokens_a_word: float
    gpt2_bytes_a_token: float


@dataclass(frozen=True)
class TokenizerReport:
    """Say what was trained on what, and how it does."""

    tokenizer: str
    sha256: str
    vocabulary: int  # the tokens that there are; a small sample has fewer merges than were asked for
    texts: int
    bytes: int
    settings: TokenizerSettings
    shares: Mapping[str, tuple[int, int]]  # bytes found and wanted, by value of the column that shares were given by
    failed: tuple[str, ...]  # files that could not be read, and why
    fertility: tuple[Fertility, ...]


def train(
    spark: SparkSession, out: str, *, corpus: Sequence[str], settings: TokenizerSettings, shares: Shares | None = None
) -> TokenizerReport:
    """Write OUT, a tokenizer.json, with a report beside it, and return the report.

    1. Spark draws texts by a hash of each, and those of a range of hashes are held out.
    2. `tokenizers` learns merges of bytes, within words as GPT-2's pattern cuts them. All 256 bytes are in the vocabulary.
    3. The held-out texts are encoded by this tokenizer and by GPT-2's.
    The same texts, in any files and any order, make the same vocabulary. Raises TokenizerTrainError for settings that make no
    sense (`check`), and what `draw` raises.
    """
    check(out, settings)
    sample = draw(spark, corpus, settings=settings, shares=shares or Shares())
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    size = _learn(out, sample.learned, settings)
    sha256 = sha256_of(out)
    encode = open_encoder(Vocabulary(Path(out).name, out, sha256), "definition")
    report = TokenizerReport(
        tokenizer=out,
        sha256=sha256,
        vocabulary=size,
        texts=len(sample.learned),
        bytes=sum(one.size for one in sample.learned),
        settings=settings,
        shares=sample.shares,
        failed=sample.failed,
        fertility=tuple(measured(sample.held, encode, open_encoder(Vocabulary(GPT2), "definition"))),
    )
    Path(out).with_suffix(".report.json").write_text(json.dumps(asdict(report), indent=1) + "\n", "utf-8")
    return report


def check(out: str, settings: TokenizerSettings) -> None:
    """Raise TokenizerTrainError for what is no name of a tokenizer, and for settings that make none."""
    if not out.endswith(".json"):
        raise TokenizerTrainError(
            f"--out {out!r} is no name of a tokenizer: nothing was trained. Name a file that ends in .json"
        )
    if settings.vocabulary < 257:
        raise TokenizerTrainError(
            f"--vocabulary {settings.vocabulary}: the 256 bytes and {END_OF_TEXT} alone are 257 tokens; nothing was trained. Ask for more"
        )
    if not 0 <= settings.holdout < 1:
        raise TokenizerTrainError(
            f"--holdout {settings.holdout:g} is no share from 0 to below 1: nothing was trained. Give one, such as {TokenizerSettings.holdout:g}"
        )
    if find_spec("tokenizers") is None:
        raise TokenizerTrainError("tokenizers is not installed, so nothing was trained: pip install 'gristmill[pack]'")


def _learn(out: str, drawn: Sequence[Text], settings: TokenizerSettings) -> int:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=settings.vocabulary,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    made.train_from_iterator((one.text for one in drawn), trainer)
    part = Path(out).with_name(f".{Path(out).name}")
    made.save(str(part))
    part.replace(out)
    return int(made.get_vocab_size())


def measured(held: Sequence[Text], ours: Encode, theirs: Encode) -> list[Fertility]:
    """Measure two encoders on texts, by language, and on all of them together under "all"; a text without a word is left out."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for one in held:
        count = len(split_words(one.text))
        if not count:
            continue
        found = (1, one.size, count, len(ours([one.text])[0]), len(theirs([one.text])[0]))
        for language in (one.language, "all"):
            sums[language] = [total + more for total, more in zip(sums[language], found, strict=True)]
    return [
        Fertility(
            language=language,
            texts=texts,
            bytes=size,
            tokens_a_word=round(mine / count, 4),
            bytes_a_token=round(size / mine, 4),
            gpt2_tokens_a_word=round(gpt2 / count, 4),
            gpt2_bytes_a_token=round(size / gpt2, 4),
        )
        for language, (texts, size, count, mine, gpt2) in sorted(sums.items(), key=lambda item: (item[0] == "all", item[0]))
    ]
