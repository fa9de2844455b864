"""What a command leaves unimported: start-up is most of a short run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LOADED = """
import sys
from valhalla_manifest.cli import cli
cli(sys.argv[1:], standalone_mode=False)
print("loaded", *sys.modules, file=sys.stderr)
"""
# Each costs more than the work of the command itself.
HEAVY = {
    *("pydantic", "jsonschema", "jinja2", "difflib", "tomllib", "importlib.metadata", "semver"),
    *("ruamel.yaml", "valhalla_manifest.document.reader"),
    "valhalla_manifest.validation.rules.layout",  # as all rules about trees
}


@pytest.mark.parametrize(
    "words",
    [
        ("validate",),
        ("get", "version"),
        ("summary",),
        ("packs", "list"),
        ("packs", "list", "--format", "json"),
        ("status",),
        ("status", "--format", "json"),
    ],
    ids=" ".join,
)
def test_a_report_needs_neither_the_models_nor_a_library_for_something_else(
    manifest: Path, words: tuple[str, ...]
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOADED, *words], capture_output=True, text=True, check=True
    )
    assert not HEAVY & set(ran.stderr.split())


def test_a_valid_file_is_loaded_without_a_tree(manifest: Path) -> None:
    program = (
        "import sys, valhalla_manifest\n"
        "valhalla_manifest.load(sys.argv[1])\n"
        "assert 'ruamel.yaml' not in sys.modules, 'the tree was read'\n"
    )
    subprocess.run([sys.executable, "-c", program, manifest], check=True)
