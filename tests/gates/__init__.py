"""Tests of the gates: answers held against their pages."""
