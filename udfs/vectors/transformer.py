"""Embeds texts by a transformer through ONNX Runtime: MiniLM from its own weights, or a user's graph."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from udfs.models.model_file import ModelError, found_path
from udfs.vectors.bert_graph import graph_of, weights_of
from udfs.vectors.half import Vectors
from udfs.vectors.scheme import WEIGHTS, EmbeddingScheme, Pooling

PACKAGES = ("onnxruntime", "tokenizers")
GPU = "CUDAExecutionProvider"
CALL = {True: 64, False: 1}  # windows a call, on a GPU or not: on a CPU a call of one costs no more, and pads nothing
_CHARACTERS, _MARGIN = 8, 100  # of a text that are cut into tokens first, a token; tokens that a cut word could have
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
Tokens = list[int]


class Transformer:
    """Hold a session and a tokenizer. Their results do not depend on what is embedded together, except on a GPU."""

    def __init__(self, scheme: EmbeddingScheme) -> None:
        self.scheme = scheme
        self._session = _session(scheme)
        self._tokenizer, before, self._after = _tokenizer(scheme)
        prefix = self._tokenizer.encode(scheme.prefix, add_special_tokens=False).ids if scheme.prefix else []
        self._before = [*before, *prefix]
        self._room = scheme.max_tokens - len(self._before) - len(self._after)  # tokens of a text in a window
        if self._room < 1:
            raise ModelError(
                f"a window of {scheme.max_tokens} tokens has no room for a text beside the model's marks and the prefix: raise max_tokens, "
                f"or shorten the prefix"
            )
        self._inputs = {one.name: np.int64 if one.type == "tensor(int64)" else np.int32 for one in self._session.get_inputs()}
        if unknown := sorted(set(self._inputs) - _INPUTS):
            raise ModelError(
                f"{scheme.model} asks for {unknown[0]}, which no text has: export it with {', '.join(sorted(_INPUTS))}"
            )
        self._output = _output(self._session, scheme.model)
        self._call = CALL[GPU in self._session.get_providers()]

    def vectors(self, texts: Sequence[str]) -> list[npt.NDArray[np.float32] | None]:
        """Return the unit vector of each text; None for one without a token."""
        windows = [(place, window) for place, text in enumerate(texts) for window in self._windows(text)]
        order = sorted(range(len(windows)), key=lambda at: len(windows[at][1]))  # windows of one length need no padding
        sums: dict[int, Any] = {}
        pooled: dict[int, npt.NDArray[np.float32]] = {}
        for start in range(0, len(order), self._call):
            group = order[start : start + self._call]
            pooled.update(zip(group, self._pooled([windows[at][1] for at in group]), strict=True))
        for at, (place, window) in enumerate(windows):  # in the text's order: a sum depends on it
            sums[place] = sums.get(place, 0) + _unit(pooled[at]) * np.float32(len(window))
        return [_unit(sums[place]) if place in sums else None for place in range(len(texts))]

    def pieces(self, text: str, *, most: int) -> Iterator[str]:
        """Cut a text into the windows that it is read in, at most so many; a last one of less than half is left out."""
        room = self._room
        read = text[: room * most * _CHARACTERS * 2]
        spans = self._tokenizer.encode(read, add_special_tokens=False).offsets
        for start in range(0, min(len(spans), room * most), room):
            window = spans[start : start + room]
            if start == 0 or len(window) * 2 >= room:
                yield read[window[0][0] : window[-1][1]]

    def _windows(self, text: str) -> Iterator[Tokens]:
        """Yield the windows of a text, with the model's marks; a text is cut into tokens only as far as it is read."""
        wanted = self._room * self.scheme.windows
        size = (wanted + _MARGIN) * _CHARACTERS
        ids = self._tokenizer.encode(text[:size], add_special_tokens=False).ids
        while len(ids) < wanted + _MARGIN and size < len(text):  # long words and white space
            size *= 4
            ids = self._tokenizer.encode(text[:size], add_special_tokens=False).ids
        for start in range(0, min(len(ids), wanted), self._room):
            yield [*self._before, *ids[start : min(start + self._room, wanted)], *self._after]

    def _pooled(self, windows: Sequence[Tokens]) -> Vectors:
        """Return a vector for each window, not of unit length."""
        ids = np.zeros((len(windows), max(map(len, windows))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, window in enumerate(windows):
            ids[row, : len(window)] = window
            mask[row, : len(window)] = 1
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states = self._session.run([self._output], {name: given[name].astype(kind) for name, kind in self._inputs.items()})[0]
        return _pool(np.asarray(states, dtype=np.float32), mask, self.scheme.pooling)


def _pool(states: npt.NDArray[np.float32], mask: npt.NDArray[np.int64], pooling: Pooling) -> Vectors:
    """Put the states of tokens, (windows, tokens, width), together; each window alone, so that padding changes nothing."""
    lengths = mask.sum(axis=1)
    if pooling == "mean":
        return np.stack([row[:length].mean(axis=0, dtype=np.float32) for row, length in zip(states, lengths, strict=True)])
    return np.stack([row[0 if pooling == "cls" else length - 1] for row, length in zip(states, lengths, strict=True)])


def _unit(vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    length = np.sqrt(vector @ vector)
    return vector / length if length > 0 else vector


def _session(scheme: EmbeddingScheme) -> Any:
    """Start ONNX Runtime in one thread, on a GPU if its package for GPUs finds one."""
    import onnxruntime

    path = found_path(scheme.model, scheme.sha256)
    graph: str | bytes = str(path)
    if scheme.model.endswith(WEIGHTS):
        graph = graph_of(weights_of(path), precision=scheme.precision)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # Spark has a worker on every core
    options.log_severity_level = 3
    there = onnxruntime.get_available_providers()
    providers = [name for name in (GPU, "CPUExecutionProvider") if name in there]
    try:
        return onnxruntime.InferenceSession(graph, options, providers=providers)
    except Exception as error:  # ONNX Runtime's exceptions have no class in common
        raise ModelError(f"{scheme.model} is no graph that ONNX Runtime can run ({error}). Export it again") from None


def _output(session: Any, name: str) -> str:
    """Name the output that has a state for each token."""
    found = [one.name for one in session.get_outputs() if len(one.shape) == 3]
    if not found:
        raise ModelError(f"{name} has no output of states by text and token, so it cannot be pooled: export last_hidden_state")
    return "last_hidden_state" if "last_hidden_state" in found else str(found[0])


def _tokenizer(scheme: EmbeddingScheme) -> tuple[Any, Tokens, Tokens]:
    """Load a tokenizer, and find the marks that the model has before and after a text."""
    import tokenizers

    if scheme.tokenizer is None or scheme.tokenizer_sha256 is None:
        raise ModelError(f"{scheme.model} has no tokenizer: name its tokenizer.json")
    path = found_path(scheme.tokenizer, scheme.tokenizer_sha256)
    try:
        tokenizer = tokenizers.Tokenizer.from_file(str(path))
    except Exception as error:  # the package raises Exception itself
        raise ModelError(f"{path} is no tokenizer.json ({error}): name the one that came with the model") from None
    tokenizer.no_padding()
    tokenizer.no_truncation()
    bare, marked = (tokenizer.encode("a", add_special_tokens=marks).ids for marks in (False, True))
    at = next((place for place in range(len(marked)) if marked[place : place + len(bare)] == bare), 0)
    return tokenizer, marked[:at], marked[at + len(bare) :]


@lru_cache(maxsize=2)
def loaded(scheme: EmbeddingScheme) -> Transformer:
    """Load a transformer once per process. Raises ModelError, or ImportError without the extra gristmill[embed]."""
    return Transformer(scheme)
