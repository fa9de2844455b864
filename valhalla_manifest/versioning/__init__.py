"""Data against data: what changed, three states merged, who set what last."""
