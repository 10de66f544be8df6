"""The engine: what runs a line of stages, resumes it, proves its sums, and knows no stage by name."""
