"""What a manifest is: its keys and formats, and what can be asked and done of it."""
