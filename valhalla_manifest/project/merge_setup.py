"""The merge driver's registration in a repository: written, shown, and taken back."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from valhalla_manifest import git
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.project.files import os_error_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla_manifest.project.manifest_file import ManifestFile

NAME = "valhalla-manifest"
_SECTION = f"merge.{NAME}"
_ATTRIBUTES = ".gitattributes"


def set_up(file: ManifestFile, *, remove: bool = False) -> list[str]:
    """Register the driver in the repository of a manifest, or undo that; return what was done.

    Two things are written: a line in ``.gitattributes``, which is for everyone, and the driver's
    command in the repository's own configuration, which each clone needs.
    """
    place = file.place
    top = git.find_root(place.folder)
    line = f"{_pattern(place.path)} merge={NAME}"
    done = list(_attribute(top / _ATTRIBUTES, line, remove=remove))
    if remove:
        return done if _is_used(top) else [*done, *_unconfigured(top)]
    return [
        *done,
        *_configured(top),
        *([f"next: git add {_ATTRIBUTES}; git commit"] if done else []),
    ]


def is_set_up(file: ManifestFile) -> bool:
    """Return whether this clone merges a manifest by the driver."""
    place = file.place
    return git.get_config(place.folder, f"{_SECTION}.driver") is not None and (
        git.get_attribute(place, "merge") == NAME
    )


def is_shared(file: ManifestFile) -> bool:
    """Return whether the line that is for everyone is committed."""
    place = git.locate(git.find_root(file.place.folder) / _ATTRIBUTES)
    return not place.file.is_file() or not git.is_modified(place)


def _is_used(top: Path) -> bool:
    """Return whether another manifest of the repository has its line."""
    file = top / _ATTRIBUTES
    return file.is_file() and f" merge={NAME}".encode() in file.read_bytes()


def _pattern(path: str) -> str:
    """Return a path from the root as a pattern of ``.gitattributes`` that means just itself."""
    escaped = re.sub(r"([\\*?\[])", r"\\\1", f"/{path}")
    return json.dumps(escaped, ensure_ascii=False) if re.search(r'[\s"]', escaped) else escaped


def _configured(top: Path) -> Iterator[str]:
    for key, value in (("name", "manifest, field by field"), ("driver", _command())):
        if git.get_config(top, f"{_SECTION}.{key}") != value:
            git.set_config(top, f"{_SECTION}.{key}", value)
            yield f"git config {_SECTION}.{key}: {value}"


def _unconfigured(top: Path) -> Iterator[str]:
    if git.get_config(top, f"{_SECTION}.driver"):
        git.set_config(top, _SECTION, None)
        yield f"git config {_SECTION}: removed"


def _command() -> str:
    """Return how git is to call the driver: by name where the shell finds it, else by path.

    Where the tool is no longer on the machine (the shell ends with 126 or 127), git's own text
    merge does it; ours alone would lose theirs. git runs it by ``sh``, on Windows too.
    """
    named = shutil.which(NAME)
    words = (
        NAME if named else f"{shlex.quote(Path(sys.executable).as_posix())} -m valhalla_manifest"
    )
    merge = f"{words} merge --marker-size %L --path %P %O %A %B"
    return f"{merge} || {{ test $? -lt 126 && exit 1; git merge-file --marker-size %L %A %O %B; }}"


def _attribute(file: Path, line: str, *, remove: bool) -> Iterator[str]:
    """Add a line to a file or take it out; the others stay as they are."""
    try:
        present = file.read_bytes() if file.exists() else b""
        kept = [old for old in present.splitlines(keepends=True) if old.strip() != line.encode()]
        there = b"".join(kept) != present
        if there is not remove:
            return
        if remove and not kept:
            file.unlink()
        elif remove:
            file.write_bytes(b"".join(kept))
        else:
            gap = b"" if not present or present.endswith(b"\n") else b"\n"
            file.write_bytes(present + gap + line.encode() + b"\n")
    except OSError as error:
        raise ManifestError(f"cannot write {file}: {os_error_text(error)}") from None
    yield f".gitattributes: {line}{' (removed)' if remove else ''}"
