"""Output forms: each module turns values into text, and nothing else."""
