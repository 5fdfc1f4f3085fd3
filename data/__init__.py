"""Definitions, presets, tables and samples shipped with onecard."""
