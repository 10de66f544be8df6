"""Measurements of decontamination: recall of planted leaks, false alarms on clean text, and speed."""
