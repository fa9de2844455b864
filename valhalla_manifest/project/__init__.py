"""The manifest in its place: files, settings, Git, and edits that reach the disk."""
