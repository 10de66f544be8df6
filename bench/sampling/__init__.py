"""Measurements of sampling: how the search for cuts grows."""
