"""Dedup: exact copies and near-duplicates as a distributed join."""
