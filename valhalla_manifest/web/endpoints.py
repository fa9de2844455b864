"""Compare the endpoints of a running backend with the manifest."""

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

_TIMEOUT = 10.0  # seconds
_CHECK_ADDRESS = "start the service, or use an address that ends in /system/status"
_SYNCHRONIZE = "deploy this state, or import the other one"
_SIZE_LIMIT = 16 << 20  # bytes of a response


def compare(file: ManifestFile, url: str) -> list[CheckResult]:
    """Compare the endpoints of a running backend with a manifest."""
    base = url.rstrip("/")
    if not re.match(r"https?://", base):
        raise ManifestError(f"{url} is not an HTTP address; write http://host/system/status")
    try:
        view = file.require_valid().view
    except ManifestError:  # The check of the manifest reports it.
        return []
    results = []
    for path, expected in documents(view, last_change.find_last_change(file).time).items():
        response, failure = _fetch(f"{base}/{path}")
        if failure and not path:  # The other endpoints would fail for the same reason.
            return [CheckResult("endpoint", False, f"{base}/: {failure}", _CHECK_ADDRESS)]
        if failure or _clear_update_time(response) != _clear_update_time(json.loads(expected)):
            message = f"{base}/{path} does not match the manifest{failure and f': {failure}'}"
            results.append(CheckResult("endpoint", False, message, _SYNCHRONIZE))
    message = f"{base}/ and all endpoints below it match the manifest"
    return results or [CheckResult("endpoint", True, message)]


def _fetch(address: str) -> tuple[Any, str]:
    """Return the document at an address, and the reason if there is none."""
    from http.client import HTTPException
    from urllib.error import URLError
    from urllib.request import urlopen

    try:
        with urlopen(address, timeout=_TIMEOUT) as response:  # noqa: S310  The address is HTTP.
            return json.loads(response.read(_SIZE_LIMIT)), ""
    except (URLError, OSError, HTTPException) as error:
        return None, str(getattr(error, "reason", "") or error) or "no response"
    except (ValueError, RecursionError):
        return None, "the response is not JSON"


def _clear_update_time(document: Any) -> Any:
    """Return a document with a null ``updated_at``, which the manifest cannot have."""
    extra = document.get("extra") if isinstance(document, dict) else None
    if isinstance(extra, dict):
        return {**document, "extra": {**extra, "updated_at": None}}
    return document
