"""Measurements of extraction: gold text and its loaders, scores, cases, speed beside datatrove."""
