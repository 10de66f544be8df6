"""Runs of words that a document shares with evaluation sets."""
