"""Tests of rephrase: segments, prompts, the worker, gates and a real server."""
