"""Writes docs/rules.md from the docstrings of the rules."""

from __future__ import annotations

from pathlib import Path

from valhalla_manifest.report.rules import page
from valhalla_manifest.validation.rules.registry import RULES

TARGET = Path(__file__).parents[1] / "docs" / "rules.md"

if __name__ == "__main__":
    TARGET.write_text(page(RULES), encoding="utf-8")
