"""The tokenizer of a comparison: its file, its end-of-text, the size of the model's table, and the way back to text."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from jobs.engine.errors import RecipeError
from jobs.engine.models import fetch
from jobs.engine.tokenizer_file import vocabulary_of
from jobs.testbed.settings import Compare
from udfs.tokens.encoders import Encode, open_encoder
from udfs.tokens.vocabulary import GPT2, Vocabulary, content, id_of, largest_id, ranks_of

TABLE_STEP = 64  # rows of the model's table are a multiple of this, as products on a GPU like it


@dataclass(frozen=True)
class Tokenizer:
    """Hold the vocabulary, the token behind every document, and the rows of the model's table."""

    vocabulary: Vocabulary
    eos: int
    rows: int

    @property
    def sha256(self) -> str:
        """Return the file's hash, as a packed manifest has it."""
        return self.vocabulary.sha256 or GPT2


def open_tokenizer(settings: Compare) -> tuple[Tokenizer, Encode]:
    """Fetch and load the tokenizer. Raises ModelError for a file that is none, RecipeError for a token that it does not have."""
    file = None if settings.tokenizer == GPT2 else fetch(settings.tokenizer)
    words = vocabulary_of(file, pattern=settings.pattern)
    eos = id_of(words, settings.eos)
    if eos is None:
        raise RecipeError(
            f"[compare] eos: {settings.eos!r} is no token of {words.name}, so no document could end; nothing was run. Give one that its "
            f"vocabulary has, or its id"
        )
    try:
        encode = open_encoder(words, "definition")
    except ImportError as error:
        raise RecipeError(
            f"[compare] tokenizer needs the package {error.name}, which is not installed; nothing was run. Install it: "
            f"pip install 'gristmill[pack,testbed]'"
        ) from None
    tokens = max(largest_id(words), eos) + 1
    return Tokenizer(words, eos, -(-tokens // TABLE_STEP) * TABLE_STEP), encode


def decoder(words: Vocabulary) -> Callable[[npt.NDArray[Any]], str]:
    """Return what turns tokens into their text; of special tokens there is none."""
    if words.hugging_face:
        from tokenizers import Tokenizer as HuggingFace

        tokenizer = HuggingFace.from_str(content(words))
        return lambda ids: str(tokenizer.decode(ids.tolist(), skip_special_tokens=True))
    by_id = {rank: token for token, rank in ranks_of(words).items()}
    return lambda ids: b"".join(by_id.get(one, b"") for one in ids.tolist()).decode("utf-8", "replace")
