"""Measurements of the explorer: the size and the speed of its page, and how well its layout keeps neighbours together."""
