"""Ask cc_net's own code for normalised texts, perplexities and buckets: the oracle of bench/signals/perplexity.py.

    python3.11 -m venv reference
    reference/bin/python -m pip install ufal-kenlm==26.4.1 sentencepiece==0.2.3 numpy pandas requests psutil typing_extensions
    reference/bin/python bench/signals/perplexity_reference.py CC_NET MODELS TEXTS.jsonl CUTOFF.csv OUT.jsonl

CC_NET is a checkout of facebookresearch/cc_net, MODELS has LANGUAGE.sp.model and LANGUAGE.arpa.bin, and texts have text and language.
The steps are chained as cc_net/mine.py chains them.
"""

import json
import sys
import time
from pathlib import Path


def main() -> None:
    """Write a row for each text: normalised, for_dedup, perplexity and bucket; the last row has the seconds."""
    checkout, models, texts, cutoff, out = sys.argv[1:]
    sys.path.insert(0, checkout)
    from cc_net import perplexity, text_normalizer  # type: ignore[import-not-found, unused-ignore]

    languages = [path.name.split(".")[0] for path in Path(models).glob("*.sp.model")]
    pieces = perplexity.MultiSentencePiece(
        {name: Path(models, f"{name}.sp.model") for name in languages},
        field="raw_content",
        output_field="tokenized",
        normalize=True,
    )
    scored = perplexity.DocLM(
        {name: Path(models, f"{name}.arpa.bin") for name in languages},
        field="tokenized",
        output_field="perplexity",
        normalize=False,
    )
    bucket = perplexity.PerplexityBucket(Path(cutoff))
    for step in (pieces, scored, bucket):
        step._prepare()
    began = time.process_time()
    with Path(out).open("w", encoding="utf-8") as found:
        for line in Path(texts).read_text("utf-8").split("\n")[:-1]:
            row = json.loads(line)
            document = bucket.do(scored.do(pieces.do({"raw_content": row["text"], "language": row["language"]})))
            lines = [text_normalizer.normalize(one) for one in row["text"].split("\n")]
            keys = ("perplexity", "bucket")
            found.write(json.dumps({"lines": lines, **{key: document.get(key) for key in keys}}) + "\n")
        found.write(json.dumps({"seconds": time.process_time() - began}) + "\n")


if __name__ == "__main__":
    main()
