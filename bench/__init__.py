"""Makers of data and measurements; not part of the installed package."""
