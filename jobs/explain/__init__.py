"""Explain: one page's whole story, and samples."""
