"""Small models trained on corpora, and what says which corpus is the better one."""
