"""Ask the package data-selection for DSIR's weights: the oracle of bench/sampling/dsir.py, run by a Python that has it.

    python3.11 -m venv reference
    reference/bin/python -m pip install data-selection==1.0.3 nltk==3.8.1
    reference/bin/python bench/sampling/dsir_reference.py POOL.jsonl TARGET.jsonl WORK OUT.json

NLTK 3.8.1 is of DSIR's year. Newer ones compile their expressions by the package regex, which has other word characters: combining
marks are some, superscript digits are none. The package data-selection names no version.

Writes the logarithm of each document's weight, in the order of the pool, the documents that top_k takes, and the seconds of both passes.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from data_selection import HashedNgramDSIR  # type: ignore[import-not-found, unused-ignore]


def main() -> None:
    """Fit on all tokens of both sides, weigh, and take the tenth with the largest weights."""
    pool, target, work, out = sys.argv[1:]
    began = time.monotonic()
    dsir = HashedNgramDSIR([pool], [target], cache_dir=work, num_proc=1)
    dsir.fit_importance_estimator(num_tokens_to_fit="all")
    fitted = time.monotonic()
    dsir.compute_importance_weights()
    weighed = time.monotonic()
    weights = np.load(Path(work) / "log_importance_weights/0.npy")
    dsir.resample(out_dir=f"{work}/chosen", num_to_sample=len(weights) // 10, cache_dir=f"{work}/cache", top_k=True)
    chosen = [json.loads(line)["id"] for path in Path(work, "chosen").rglob("*.jsonl") for line in path.open(encoding="utf-8")]
    found = {"weights": weights.tolist(), "top_k": chosen, "fit_s": fitted - began, "weigh_s": weighed - fitted}
    Path(out).write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main()
