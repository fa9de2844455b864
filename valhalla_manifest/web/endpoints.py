"""A running backend next to the manifest: whether its endpoints give the same state."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.project import last_change
from valhalla_manifest.project.doctor import CheckResult
from valhalla_manifest.report.json import documents

if TYPE_CHECKING:
    from valhalla_manifest.project.manifest_file import ManifestFile

_PATIENCE = 10.0  # seconds that an endpoint may take
_WHERE = "is the service running, and does the address end in /system/status?"
_DIFFERING = "deploy this state, or import the other one"
_MOST = 16 << 20  # bytes that an answer may have


def compare(file: ManifestFile, url: str) -> list[CheckResult]:
    """Compare the endpoints of a running backend with a manifest."""
    base = url.rstrip("/")
    if not re.match(r"https?://", base):
        raise ManifestError(f"{url} is not an HTTP address; write http://host/system/status")
    try:
        record = file.require_valid().view
    except ManifestError:  # The check of the manifest reports it.
        return []
    found = []
    for path, expected in documents(record, last_change.find_last_change(file).time).items():
        answer, why = _answer(f"{base}/{path}")
        if why and not path:  # The other endpoints would fail for the same reason.
            return [CheckResult("endpoint", False, f"{base}/: {why}", _WHERE)]
        if why or _of_the_file(answer) != _of_the_file(json.loads(expected)):
            message = f"{base}/{path} does not match the manifest{why and f': {why}'}"
            found.append(CheckResult("endpoint", False, message, _DIFFERING))
    message = f"{base}/ and all endpoints below it match the manifest"
    return found or [CheckResult("endpoint", True, message)]


def _answer(address: str) -> tuple[Any, str]:
    """Return the document at an address, and why there is none."""
    from http.client import HTTPException
    from urllib.error import URLError
    from urllib.request import urlopen

    try:
        with urlopen(address, timeout=_PATIENCE) as response:  # noqa: S310  HTTP alone, see above
            return json.loads(response.read(_MOST)), ""
    except (URLError, OSError, HTTPException) as error:
        return None, str(getattr(error, "reason", "") or error) or "no answer"
    except (ValueError, RecursionError):
        return None, "it answers with no JSON"


def _of_the_file(document: Any) -> Any:
    """Return a document without what is not in the file: when it changed last."""
    extra = document.get("extra") if isinstance(document, dict) else None
    if isinstance(extra, dict):
        return {**document, "extra": {**extra, "updated_at": None}}
    return document
