"""The documents that the router serves: kept while all that they depend on stays the same."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.git import fingerprint
from valhalla_manifest.manifest import formats
from valhalla_manifest.project import files, last_change, settings
from valhalla_manifest.project.manifest_file import ManifestFile
from valhalla_manifest.report import json as as_json

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of an absolute path that does not lie around the manifest, all but the last name.
_FOLDERS = re.compile(r"""(?<![^\s'"(])/(?:[^/\s'"]+/)+""")

_log = logging.getLogger(__name__)


class Document(NamedTuple):
    """The bytes of one response, and what names just these."""

    data: bytes
    etag: str


Documents = dict[str, Document]


class UnavailableError(Exception):
    """There is no true answer now; the text says why, for those who call."""


@dataclass(slots=True)
class DocumentCache:
    """The documents of a manifest, made again when something changed, and only then."""

    path: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: tuple[tuple[fingerprint.Fingerprint, ...], Documents] | None = None

    def cached(self) -> Documents | None:
        """Return the documents by their path below the prefix, None where they must be made.

        It neither waits nor raises.
        """
        kept = self._kept
        return kept[1] if kept and fingerprint.is_unchanged(kept[0]) else None

    def documents(self) -> Documents:
        """Return the documents by their path below the prefix; who asks meanwhile waits.

        Raises:
            UnavailableError: the manifest cannot be read or is not valid. That is never kept.
        """
        with self._lock:
            found = self.cached()
            if found is None:
                watches = tuple(_watched(self.path))  # before the reading: later changes are seen
                found = _build(self.path)
                self._kept = watches, found
        return found


def _watched(path: Path) -> Iterator[fingerprint.Fingerprint]:
    real = Path(os.path.realpath(path))
    yield fingerprint.take_fingerprint(_present, path)
    yield fingerprint.take_fingerprint(
        fingerprint.identity, path.parent
    )  # a link in it may lead elsewhere later
    if path.is_symlink():
        yield fingerprint.Fingerprint(os.path.realpath, str(path), str(real))
    yield from fingerprint.repository_fingerprints(real.parent)
    yield from (
        fingerprint.take_fingerprint(fingerprint.content, file)
        for file in settings.files_read_for(real.parent)
    )


def _present(name: str) -> object:
    """Look into the manifest; one that cannot be read never looks as it did."""
    return fingerprint.content(name) or object()


def _build(path: Path) -> Documents:
    try:
        file = ManifestFile.at(path)
        made = as_json.documents(file.require_valid().view, last_change.find_last_change(file).time)
    except Exception as error:
        raise UnavailableError(sentence(error, path)) from error
    return {
        formats.normalize_id(name): Document(data, f'"{hashlib.sha256(data).hexdigest()[:32]}"')
        for name, data in made.items()
    }


def sentence(error: Exception, path: Path) -> str:
    """Return what a caller may know of a failure: no folder of the server, nothing internal."""
    if isinstance(error, ManifestError):
        said = _without_folders(error.message, path)
        for first in error.problems[:1]:
            place = f"line {first.line}, {first.code}: " if error.written else ""
            said += f": {place}{first.message}"
    elif isinstance(error, OSError):
        said = f"cannot read {Path(error.filename or path).name}: {files.os_error_text(error)}"
    else:
        _log.error("%s cannot be served", path, exc_info=error)
        said = f"cannot serve {path.name}: {type(error).__name__}; the server's log says more"
    return said.encode(errors="replace").decode()


def _without_folders(text: str, path: Path) -> str:
    known = {*path.absolute().parents, *Path(os.path.realpath(path)).parents}
    for folder in sorted(map(str, known), key=len, reverse=True)[:-1]:  # all but the root
        text = text.replace(f"{folder}/", "")
    return _FOLDERS.sub("", text)
