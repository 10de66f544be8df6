"""Measurements that anyone can rerun, a folder for each part of the pipeline."""
