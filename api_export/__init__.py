"""The documented shapes and the ways out."""
