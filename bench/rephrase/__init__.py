"""Measurements of rephrasing: gates on labelled answers, the client's throughput, a real server."""
