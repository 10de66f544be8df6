"""The semantic stage."""
