"""The testbed: one small model trained on several corpora, and a page that says which corpus is better."""
