"""Model files and package versions, as a worker finds them."""
