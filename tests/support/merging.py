"""Merges two changes of a manifest, with Git and the merge driver or with the driver alone."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.conftest import Ran, git
from tests.support.manifests import FIRST
from valhalla_manifest.project.merge_driver import MergeResult, merge_files

if TYPE_CHECKING:
    from pathlib import Path


def merge_branches(manifest: Path, ours: str, theirs: str, base: str = FIRST) -> Ran:
    """Commit two changes of a base on two branches, and merge them with Git."""
    manifest.write_bytes(base.encode())
    git("commit", "-qam", "base", "--allow-empty")
    git("switch", "-qc", "theirs")
    manifest.write_bytes(theirs.encode())
    git("commit", "-qam", "theirs", "--allow-empty")
    git("switch", "-q", "main")
    manifest.write_bytes(ours.encode())
    git("commit", "-qam", "ours", "--allow-empty")
    ran = subprocess.run(
        ["git", "merge", "--no-edit", "theirs"], capture_output=True, encoding="utf-8", check=False
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def replace_strings(*steps: tuple[str, str], text: str = FIRST) -> str:
    """Return the text after some replacements, each of which must match."""
    for old, new in steps:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def merge(folder: Path, base: str, ours: str, theirs: str) -> MergeResult:
    """Merge two manifests with the driver alone."""
    paths = (folder / "base", folder / "ours", folder / "theirs")
    for path, text in zip(paths, (base, ours, theirs), strict=True):
        path.write_bytes(text.encode())
    return merge_files(paths, paths[1])
