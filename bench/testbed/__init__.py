"""Whether the testbed tells apart what differs, and refuses to rank what does not."""
