"""Find duplicate contacts and decide how they merge."""
