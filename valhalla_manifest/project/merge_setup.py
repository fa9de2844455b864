"""Registration of the merge driver in a repository."""

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
from valhalla_manifest.project.files import os_error_text, write
from valhalla_manifest.project.files import remove as remove_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla_manifest.project.manifest_file import ManifestFile

NAME = "valhalla-manifest"
_SECTION = f"merge.{NAME}"
_ATTRIBUTES = ".gitattributes"


def set_up(file: ManifestFile, *, remove: bool = False) -> list[str]:
    """Register the driver for a manifest, or remove it; return a line for each change.

    Every clone shares the line in ``.gitattributes``, and each clone needs the driver's command in
    its own configuration.
    """
    place = file.place
    top = git.find_root(place.folder)
    line = f"{_pattern(place.path)} merge={NAME}"
    done = list(_edit_attributes(top / _ATTRIBUTES, line, remove=remove))
    if remove:
        return done if _is_used(top) else [*done, *_remove_configuration(top)]
    return [
        *done,
        *_configure(top),
        *([f"next: git add {_ATTRIBUTES}; git commit"] if done else []),
    ]


def is_set_up(file: ManifestFile) -> bool:
    """Return whether this clone merges a manifest with the driver."""
    place = file.place
    return git.get_config(place.folder, f"{_SECTION}.driver") is not None and (
        git.get_attribute(place, "merge") == NAME
    )


def is_shared(file: ManifestFile) -> bool:
    """Return whether ``.gitattributes`` is committed."""
    place = git.locate(git.find_root(file.place.folder) / _ATTRIBUTES)
    return not place.file.is_file() or not git.is_modified(place)


def _is_used(top: Path) -> bool:
    """Return whether another manifest of the repository uses the driver."""
    file = top / _ATTRIBUTES
    return file.is_file() and f" merge={NAME}".encode() in file.read_bytes()


def _pattern(path: str) -> str:
    """Return a pattern of ``.gitattributes`` that matches one path and nothing else."""
    escaped = re.sub(r"([\\*?\[])", r"\\\1", f"/{path}")
    return json.dumps(escaped, ensure_ascii=False) if re.search(r'[\s"]', escaped) else escaped


def _configure(top: Path) -> Iterator[str]:
    for key, value in (("name", "manifest, field by field"), ("driver", _command())):
        if git.get_config(top, f"{_SECTION}.{key}") != value:
            git.set_config(top, f"{_SECTION}.{key}", value)
            yield f"git config {_SECTION}.{key}: {value}"


def _remove_configuration(top: Path) -> Iterator[str]:
    if git.get_config(top, f"{_SECTION}.driver"):
        git.set_config(top, _SECTION, None)
        yield f"git config {_SECTION}: removed"


def _command() -> str:
    """Return the driver's command, which Git runs with ``sh`` on Windows too.

    The tool writes the result next to ours, so that file shows whether there is a result.
    If there is none, Git's own text merge is made from the three files as Git passed them: a
    result that holds only ours would lose theirs.
    """
    module = f"{shlex.quote(Path(sys.executable).as_posix())} -m valhalla_manifest"
    return f"{NAME if shutil.which(NAME) else module}{_ARGUMENTS}"


_ARGUMENTS = (
    " merge --marker-size %L --path %P --output %A.merged %O %A %B; s=$?; "
    "if test $s -gt 1 || ! test -f %A.merged; then "
    "cp %A %A.merged && git merge-file --marker-size %L %A.merged %O %B; s=$?; "
    "test -f %A.merged || exit 255; fi; "
    "test $s -lt 128 && mv -f %A.merged %A && exit $s; rm -f %A.merged; exit 255"
)


def find_start_error(file: ManifestFile) -> str | None:
    """Return why the registered driver cannot start, or None if it can."""
    command = git.get_config(file.place.folder, f"{_SECTION}.driver") or ""
    tool = command.removesuffix(_ARGUMENTS)
    if tool == command:
        return "it is not the command of this version"
    return git.find_shell_error(file.place.folder, f"{tool} --version")


def _edit_attributes(file: Path, line: str, *, remove: bool) -> Iterator[str]:
    """Add a line to a file or remove it, and yield a message if that changed the file."""
    try:
        present = file.read_bytes() if file.exists() else b""
        kept = [old for old in present.splitlines(keepends=True) if old.strip() != line.encode()]
        has_line = b"".join(kept) != present
        if has_line is not remove:
            return
    except OSError as error:
        raise ManifestError(f"cannot read {file}: {os_error_text(error)}") from None
    if remove and not kept:
        remove_file(file)
    elif remove:
        write(file, b"".join(kept))
    else:
        gap = b"" if not present or present.endswith(b"\n") else b"\n"
        write(file, present + gap + line.encode() + b"\n")
    yield f".gitattributes: {line}{' (removed)' if remove else ''}"
