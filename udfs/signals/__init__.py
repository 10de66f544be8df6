"""Measurements of one text."""
