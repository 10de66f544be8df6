"""Rows of Parquet and JSONL files in, rows of documents out."""
