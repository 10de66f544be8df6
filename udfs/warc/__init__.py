"""Records of WARC files, however damaged."""
