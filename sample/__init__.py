"""The WARC sample that gristmill makes itself, with the truth about every capture in it."""
