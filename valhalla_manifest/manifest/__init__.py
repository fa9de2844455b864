"""The manifest: its keys and formats, and the operations on it."""
