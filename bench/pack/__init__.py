"""Measurements of packed tokens: the trainers' own readers, what best fit saves, and what it costs."""
