"""Every documented operation: a module a noun, a plain function an operation, all of them in the catalogue."""
