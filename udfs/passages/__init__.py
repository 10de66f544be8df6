"""Repeated passages of one text."""
