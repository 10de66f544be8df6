"""A crawl's input: which files and records are read, and what that costs."""
