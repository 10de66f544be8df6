"""The files that trainers read tokens from, each written as a stream."""
