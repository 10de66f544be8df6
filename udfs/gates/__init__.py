"""What a model wrote, held against the page that it was given."""
