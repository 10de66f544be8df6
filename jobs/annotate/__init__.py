"""Annotate: every document measured once."""
