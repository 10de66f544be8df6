"""Spans of a text with replacements, and what applies them."""
