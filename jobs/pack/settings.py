"""[pack]: by which tokenizer, into sequences of which length, in which files."""

from pydantic import Field, model_validator

from jobs.recipe.section import Positive, Section
from udfs.token_files.format import FormatName
from udfs.tokens.encoders import Engine
from udfs.tokens.packing import Method
from udfs.tokens.vocabulary import END_OF_TEXT, GPT2, Pattern, check_tokenizer


class Pack(Section):
    """Write the corpus as packed sequences of tokens, in the files that trainers read; absent: no tokens."""

    tokenizer: str = Field(
        GPT2,
        description="gpt2, or a tokenizer.json or .tiktoken file: a path, with #sha256= or not, or an https:// or s3:// location with it",
    )
    pattern: Pattern = Field(
        "gpt2", description="how a .tiktoken file's encoding cuts a text into words; the file does not say"
    )
    engine: Engine = Field(
        "fastest", description="fastest: fastokens for a tokenizer.json, checked on a sample; definition: always tokenizers"
    )
    sequence_length: int = Field(
        2048, ge=8, le=1 << 20, description="tokens in a sequence; a trainer that shifts labels wants one more"
    )
    method: Method = Field(
        "best_fit", description="best_fit cuts no document that fits into a sequence; concatenate cuts anywhere"
    )
    formats: tuple[FormatName, ...] = Field(
        ("parquet",), min_length=1, description="megatron, mds, parquet, nanogpt, llmc: the files of every shard"
    )
    bos: str | int | None = Field(None, description="token before every document, by name or id; none: no such token")
    eos: str | int | None = Field(END_OF_TEXT, description="token behind every document")
    pad: str | int | None = Field(None, description="token that fills a sequence's end; none: eos, or 0 without one")
    shard_tokens: Positive = Field(100_000_000, description="most tokens in a shard; shards are of even size")
    seed: int = Field(1, ge=0, description="decides which documents are packed together, and the order of sequences")
    epochs: int = Field(1, ge=1, le=1000, description="orders of the same sequences that are written, each its own shuffle")

    @model_validator(mode="after")
    def _fits(self) -> "Pack":
        check_tokenizer(self.tokenizer)
        if self.shard_tokens < self.sequence_length:
            raise ValueError(f"shard_tokens {self.shard_tokens:,} is less than one sequence of {self.sequence_length:,}")
        if len(set(self.formats)) < len(self.formats):
            raise ValueError(f"formats {', '.join(self.formats)}: one is named twice")
        return self
