"""A cache of the router's documents, so that a request reads the manifest only if it changed."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.git.fingerprint import Fingerprint
from valhalla_manifest.manifest import formats
from valhalla_manifest.project import files, last_change, settings
from valhalla_manifest.project.manifest_file import ManifestFile
from valhalla_manifest.report import json as as_json

# The folders of an absolute path, before its last name.
_FOLDERS = re.compile(r"""(?<![^\s'"(])/(?:[^/\s'"]+/)+""")

_log = logging.getLogger(__name__)


class Document(NamedTuple):
    """The bytes of one response, and their entity tag."""

    data: bytes
    etag: str


Documents = dict[str, Document]


class UnavailableError(Exception):
    """There is no current document; the text is the message for the client."""


class _Kept(NamedTuple):
    """Documents, and what they were made from."""

    target: str
    fingerprint: Fingerprint
    documents: Documents


@dataclass(slots=True)
class DocumentCache:
    """The documents of a manifest, rebuilt only when a file that they depend on changes."""

    path: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: _Kept | None = None

    def cached(self) -> Documents | None:
        """Return the documents by path below the prefix, or None if they must be rebuilt.

        It neither waits nor raises.
        """
        kept = self._kept
        if not kept or kept.target != os.path.realpath(self.path):
            return None
        return kept.documents if kept.fingerprint.is_current() else None

    def documents(self) -> Documents:
        """Return the documents by path below the prefix; concurrent callers wait.

        Raises:
            UnavailableError: If the manifest cannot be read or is not valid. It is never cached.
        """
        with self._lock:
            documents = self.cached()
            if documents is None:
                # Take the fingerprint first, so that a change during the build is seen.
                target = os.path.realpath(self.path)
                fingerprint = _take_fingerprint(Path(target))
                documents = _build(self.path)
                self._kept = _Kept(target, fingerprint, documents)
        return documents


def _take_fingerprint(real: Path) -> Fingerprint:
    fingerprint = Fingerprint()
    fingerprint.add_repository(real.parent)
    for dependency in (real, *settings.files_read_for(real.parent)):
        fingerprint.add(dependency)
    return fingerprint


def _build(path: Path) -> Documents:
    try:
        file = ManifestFile.at(path)
        view = file.require_valid().view
        contents = as_json.documents(view, last_change.find_last_change(file).time)
    except Exception as error:
        raise UnavailableError(describe_failure(error, path)) from error
    return {
        formats.normalize_id(name): Document(data, f'"{hashlib.sha256(data).hexdigest()[:32]}"')
        for name, data in contents.items()
    }


def describe_failure(error: Exception, path: Path) -> str:
    """Return a message for the client, without folders of the server or internal details."""
    if isinstance(error, ManifestError):
        message = _without_folders(error.message, path)
        for first in error.problems[:1]:
            place = f"line {first.line}, {first.code}: " if error.written else ""
            message += f": {place}{first.message}"
        if error.details:  # A hook may have printed them, so they are not for the client.
            _log.warning("%s", "\n".join([error.message, *error.details]))
    elif isinstance(error, OSError):
        message = f"cannot read {Path(error.filename or path).name}: {files.os_error_text(error)}"
    else:
        _log.error("cannot serve %s", path, exc_info=error)
        message = f"cannot serve {path.name}: {type(error).__name__}; see the server's log"
    return message.encode(errors="replace").decode()


def _without_folders(text: str, path: Path) -> str:
    parents = {*path.absolute().parents, *Path(os.path.realpath(path)).parents}
    for folder in sorted(map(str, parents), key=len, reverse=True)[:-1]:  # The root stays.
        text = text.replace(f"{folder}/", "")
    return _FOLDERS.sub("", text)
