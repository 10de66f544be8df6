"""Files in, rows of documents out."""
