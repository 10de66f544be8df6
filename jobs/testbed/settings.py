"""A recipe of `gristmill compare`: the arms, the one model and budget that they share, and what the models are measured by."""

from typing import Literal

from pydantic import Field, model_validator

from jobs.recipe.section import Fraction, Positive, Section
from udfs.tokens.vocabulary import END_OF_TEXT, GPT2, Pattern, check_tokenizer

_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
MAX_SEED = 2**63 - 1  # PyTorch's generators take 64 bits
_SHA256 = r"^[0-9a-f]{64}$"


class Arm(Section):
    """Name one training set: a corpus that is tokenised here, or a root that `[pack]` has written."""

    name: str = Field(pattern=_NAME, max_length=100, description="what tables and curves call it")
    corpus: tuple[str, ...] = Field(
        (), description="Parquet or JSONL with a text column: files, folders such as ROOT/corpus, globs, s3:// or https://"
    )
    packed: str | None = Field(
        None,
        description="a root with packed/manifest.json, of the recipe's tokenizer, of sequences one token longer than the model's",
    )
    text: str = Field("text", min_length=1, description="column of the corpus that holds the text")
    epochs: Positive = Field(
        1, description="times that the arm goes through its tokens: 2 trains on half of the budget's tokens twice"
    )
    order: int = Field(0, ge=0, le=MAX_SEED, description="another number is another draw and order of the same corpus")

    @model_validator(mode="after")
    def _has_one_source(self) -> "Arm":
        if bool(self.corpus) == (self.packed is not None):
            raise ValueError(f"arm {self.name!r} needs either corpus or packed, and not both")
        return self


class Model(Section):
    """Shape the one model that every arm trains; the defaults have 1.8 million parameters besides the vocabulary's."""

    layers: Positive = Field(4, description="blocks of attention and feed-forward")
    width: Positive = Field(192, description="numbers of a token's vector")
    heads: Positive = Field(6, description="heads of attention; width / heads must be even")
    hidden: Positive = Field(512, description="numbers within a feed-forward block (SwiGLU)")
    sequence_length: int = Field(256, ge=8, description="tokens that the model sees at once")
    rotary_base: float = Field(10_000.0, gt=1, description="longest wavelength of the rotary positions, over 2 pi")
    tied: bool = Field(True, description="one table for tokens that come in and go out")

    @model_validator(mode="after")
    def _heads_divide(self) -> "Model":
        if self.width % (2 * self.heads):
            raise ValueError(f"width {self.width} is not an even number for each of {self.heads} heads")
        return self


class Training(Section):
    """Say how long and how fast every run learns; the learning rate is a low one, since rankings flip at a high one."""

    tokens: Positive = Field(description="tokens that every run trains on: the budget")
    batch_sequences: Positive = Field(16, description="sequences of a step")
    learning_rate: float = Field(1e-3, gt=0, description="largest one, after the warm-up; a cosine ends at a tenth of it")
    warmup: Fraction = Field(0.05, description="share of the steps in which the learning rate rises")
    weight_decay: float = Field(0.1, ge=0, description="AdamW's, on matrices alone")
    clip: float = Field(1.0, gt=0, description="largest norm of a step's gradient")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="of products; weights stay float32. auto: bfloat16 on a GPU; many a CPU is slower with it"
    )
    device: str = Field("auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$", description="auto: a GPU if there is one, else the CPU")
    processes: Positive | None = Field(None, description="runs side by side; none: one a core, on a GPU one")
    checkpoint_steps: Positive = Field(200, description="steps after which a killed run can go on")


class HeldOut(Section):
    """Name text that no run trains on, for bits a byte."""

    name: str = Field(pattern=_NAME, max_length=100, description="what tables call it")
    uri: str = Field(min_length=1, description="Parquet or JSONL with a text column: a file, folder, glob, s3:// or https://")
    sha256: str | None = Field(None, pattern=_SHA256, description="the file's; another file is refused")
    text: str = Field("text", min_length=1, description="column that holds the text")
    web: bool = Field(description="true: it is web text, and its bits a byte are marked as misleading")
    max_bytes: Positive = Field(1_000_000, description="measure no more; a hash of the text draws which")


class Task(Section):
    """Name an evaluation set of items with a right answer."""

    name: str = Field(pattern=_NAME, max_length=100, description="what tables call it")
    uri: str = Field(
        min_length=1, description="JSONL, also .gz and .zst, with query, choices, gold, or the other forms of docs/testbed.md"
    )
    sha256: str | None = Field(None, pattern=_SHA256, description="the file's; another file is refused")
    shots: int = Field(0, ge=0, le=32, description="solved items before each question")
    delimiter: str = Field(" ", description="what stands between a question and its answer, such as a line feed and Answer:")
    max_items: Positive = Field(1_000, description="score no more; a hash of the item draws which")


class Compare(Section):
    """Compare corpora: one model and budget, an arm for each corpus, a run for each arm and seed."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=200, description="short name of the comparison")
    tokenizer: str = Field(
        GPT2,
        description="gpt2, or a tokenizer.json or .tiktoken file: a path, with #sha256= or not, or an https:// or s3:// location with it",
    )
    pattern: Pattern = Field("gpt2", description="how a .tiktoken file's encoding cuts a text into words")
    eos: str | int = Field(END_OF_TEXT, description="token behind every document, and before a text that is scored")
    seeds: tuple[int, ...] = Field((1, 2, 3), min_length=1, description="a run of every arm for each: weights, draw and order")
    decontaminate: bool = Field(True, description="leave out documents that hold an item of a task or a held-out text")
    model: Model = Field(Model(), description="the model")
    training: Training = Field(description="the budget, and how a run learns")
    arms: tuple[Arm, ...] = Field(min_length=1, description="the training sets")
    held_out: tuple[HeldOut, ...] = Field((), description="texts for bits a byte")
    tasks: tuple[Task, ...] = Field((), description="evaluation sets")

    @model_validator(mode="after")
    def _is_whole(self) -> "Compare":
        for what, found in (("arms", self.arms), ("held_out texts", self.held_out), ("tasks", self.tasks)):
            names = [one.name for one in found]
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"two {what} have the name {twice[0]!r}: the result could not say which is which")
        if len(set(self.seeds)) < len(self.seeds) or min(self.seeds) < 0 or max(self.seeds) > MAX_SEED:
            raise ValueError(f"seeds {list(self.seeds)}: each must be another number from 0 to {MAX_SEED}")
        if not self.held_out and not self.tasks:
            raise ValueError("nothing to measure by: add [[compare.held_out]] or [[compare.tasks]]")
        check_tokenizer(self.tokenizer)
        return self
