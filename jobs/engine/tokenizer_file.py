"""The tokenizer that a recipe names: the file that is fetched for it, and its vocabulary."""

from jobs.engine.models import ModelFile
from udfs.tokens.vocabulary import GPT2, Pattern, Vocabulary

TOKENIZER = "tokenizer"  # its role among a stage's models


def tokenizer_models(named: str) -> dict[str, str]:
    """Name the tokenizer's file; GPT-2's comes with the package that counts tokens."""
    return {} if named == GPT2 else {TOKENIZER: named}


def vocabulary_of(file: ModelFile | None, *, pattern: Pattern) -> Vocabulary:
    """Return a tokenizer's vocabulary; GPT-2's if there is no file."""
    return Vocabulary(GPT2) if file is None else Vocabulary(file.name, file.path, file.sha256, pattern)
