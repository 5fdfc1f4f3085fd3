"""Pure steps from a file to clean values, and from values to summaries."""
