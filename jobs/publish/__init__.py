"""Publish: the corpus as partitioned Parquet."""
