"""Extract: WARC files in, documents out."""
