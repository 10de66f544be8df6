"""Vectors of documents: how they are stored, made, clustered and compared."""
