"""Work in a process of its own, so that what kills it is found and costs no more than itself."""
