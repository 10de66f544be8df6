"""Measurements of mixes: what a worker counts and draws a second, and the memory that it takes."""
