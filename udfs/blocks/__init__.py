"""Take a page's main text by blocks: one parse, flat arrays, integer trees, and the set of blocks with the best expected F1."""
