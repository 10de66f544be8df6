"""Audit: a sample of what went as duplicates, beside what was kept in its place, and what of it was lost."""
