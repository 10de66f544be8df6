"""Bytes of files on disk, S3 and https, resumed where a connection broke."""
