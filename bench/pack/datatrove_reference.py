"""Tokenise and merge JSONL by datatrove's own steps. Run it by another environment, whose Python has datatrove:

    pip install datatrove==0.10.1 tokenizers numba humanize orjson zstandard
    python bench/pack/datatrove_reference.py TEXTS TOKENIZER.json OUT

TEXTS is a folder of JSONL files with id and text. As FineWeb does, a task tokenises each file and shuffles its documents, and one task
merges all in a shuffled order. Sequences are not packed: a trainer cuts the stream wherever one ends.
"""

import sys
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor  # type: ignore[import-not-found, unused-ignore]
from datatrove.pipeline.readers import JsonlReader  # type: ignore[import-not-found, unused-ignore]
from datatrove.pipeline.tokens import DocumentTokenizer, DocumentTokenizerMerger  # type: ignore[import-not-found, unused-ignore]


def main(texts: str, tokenizer: str, out: str) -> None:
    """Write OUT/tokens, then OUT/merged."""
    files = len(list(Path(texts).glob("*.jsonl")))
    tokens, merged = f"{out}/tokens", f"{out}/merged"
    steps = [
        JsonlReader(texts, glob_pattern="*.jsonl"),
        DocumentTokenizer(tokens, tokenizer, eos_token="<|endoftext|>", seed=1, local_working_dir=f"{out}/working"),
    ]
    LocalPipelineExecutor(steps, tasks=files, workers=files, logging_dir=f"{out}/logs/tokens").run()
    merger = DocumentTokenizerMerger(tokens, merged, save_filename="corpus", seed=1, progress=False)
    LocalPipelineExecutor([merger], tasks=1, logging_dir=f"{out}/logs/merged").run()


if __name__ == "__main__":
    main(*sys.argv[1:])
