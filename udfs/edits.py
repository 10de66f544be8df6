"""What a text change is: a span of the extracted text and what stands in its place."""

from typing import NamedTuple


class Edit(NamedTuple):
    """Replace text[start:end] (code-point offsets) by `replacement`; `kind` says which rule asked for it."""

    start: int
    end: int
    replacement: str
    kind: str
