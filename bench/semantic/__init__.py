"""Measurements of the stage `semantic`: how it grows, and what it finds."""
