"""Output formats: each module only turns values into text."""
