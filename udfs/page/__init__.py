"""One page: from an HTTP message to its main text."""
