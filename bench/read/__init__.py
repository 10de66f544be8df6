"""Measurements of reading corpora: memory and speed."""
