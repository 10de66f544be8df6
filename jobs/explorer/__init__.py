"""The explorer: one HTML page with a map of a corpus that shows what was kept, what was dropped, and why."""
