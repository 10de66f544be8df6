"""An ONNX graph that looks each token up in a table, and its tokenizer: what it makes of a text can be worked out by hand."""

from pathlib import Path

import numpy as np

from udfs.models.model_file import sha256_of
from udfs.vectors import onnx_messages as onnx
from udfs.vectors.scheme import EmbeddingScheme

WORDS = {"[CLS]": 0, "[SEP]": 1, "[UNK]": 2, "mill": 3, "stone": 4, "grain": 5}
TABLE = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0], [3, 4, 0], [0, 0, 2], [0, 5, 12]], dtype=np.float32)


def tiny_model(folder: Path, *, table: np.ndarray = TABLE) -> EmbeddingScheme:
    """Write both files, and return the scheme that names them."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    inputs = [onnx.value(name, "int64", ["texts", "tokens"]) for name in ("input_ids", "token_type_ids")]
    outputs = [onnx.value("states", "float32", ["texts", "tokens", table.shape[1]])]
    nodes = [onnx.node("Gather", ["table", "input_ids"], ["states"])]
    (folder / "tiny.onnx").write_bytes(onnx.model(nodes, [onnx.tensor("table", table)], inputs=inputs, outputs=outputs))
    tokenizer = Tokenizer(models.WordLevel(WORDS, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    marks = [("[CLS]", WORDS["[CLS]"]), ("[SEP]", WORDS["[SEP]"])]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=marks)
    tokenizer.enable_truncation(3)  # what a file says of lengths is not what the recipe says
    tokenizer.enable_padding(length=9)
    tokenizer.save(str(folder / "tokenizer.json"))
    graph, words = folder / "tiny.onnx", folder / "tokenizer.json"
    return EmbeddingScheme(str(graph), sha256_of(graph), str(words), sha256_of(words), max_tokens=4)
