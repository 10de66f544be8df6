"""Measurements of bad input and long runs: hostile files, soak, kills."""
