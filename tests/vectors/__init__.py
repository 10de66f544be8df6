"""Vectors: the grid, k-means, duplicates inside a cluster."""
