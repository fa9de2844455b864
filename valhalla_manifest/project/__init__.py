"""The manifest in its place: files, settings, git, and edits that reach the disk."""
