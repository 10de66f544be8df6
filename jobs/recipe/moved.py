"""Keys and values of earlier recipes: each is refused with its new name."""

MOVED = {
    "select": "the section is [extract.index_filter] now, and gap_mb is max_gap_mb",
    "parts": "the section is [passages] now",
    "dedup.minhash": (
        "a signature is a fact: setting, backend, ngram, bands, rows and seed stand in [annotate.minhash]. verify is [dedup.near_duplicates] "
        "min_similarity now, and measure stands there too"
    ),
    "extract.timeout_s": "it is max_cpu_s now, CPU seconds of one page; max_wall_s bounds seconds by the clock",
    "extract.memory_mb": "it is max_memory_mb now",
    "extract.gate.language_score": "it is min_language_score now",
    "extract.chain": 'the section is gone: [extract] extractor = "choice" takes the place of the chain, and has no bounds',
    "extract.index_filter.gap_mb": "it is max_gap_mb now",
    "annotate.quality_model": "it is [[annotate.quality]] model now; a recipe may have several, each with a signal of its own",
    "annotate.quality_label": "it is [[annotate.quality]] label now",
    "annotate.minhash.verify": "it is [dedup.near_duplicates] min_similarity now",
    "annotate.minhash.measure": "it stands in [dedup.near_duplicates] now",
    "passages.bff.threshold": "it is max_seen_ratio now",
    "passages.bff.fp_rate": "it is max_false_positives now",
    "passages.bff.memory_mb": "it is max_memory_mb now",
}

VALUES = {
    (
        "extract.extractor",
        "chain",
    ): "it is \"choice\" now, which takes the better of trafilatura's text and Resiliparse's, page by page",
}
