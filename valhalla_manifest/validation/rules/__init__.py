"""The rules: one file per family, listed in ``registry.py``."""
