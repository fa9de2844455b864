"""Reads YAML text with the position of each value, and edits it without touching other text."""
