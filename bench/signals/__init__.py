"""Measurements of signals: speed, parity with datatrove, signatures."""
