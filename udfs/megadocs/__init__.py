"""Long documents woven from a page and the texts that a model wrote of it."""
