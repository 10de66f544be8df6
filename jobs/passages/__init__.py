"""Passages: repeated lines, paragraphs and runs of words inside documents."""
