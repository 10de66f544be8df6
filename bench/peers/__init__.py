"""Hold gristmill's dedup against its peers: one corpus, one machine, one run, and the drops of each against exact Jaccard."""
