"""Measurements of dedup: decisions, truth, speed, scale."""
