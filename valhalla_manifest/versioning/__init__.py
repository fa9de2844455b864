"""State against state: what changed, three merged into one, who set what last."""
