"""Tokens: encoders, packing of documents into sequences, and the files that trainers read."""
