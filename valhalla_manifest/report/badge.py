"""The state as a badge: as JSON for shields.io, or as an SVG image."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from valhalla_manifest.document.characters import escape_for_display

if TYPE_CHECKING:
    from valhalla_manifest.manifest.views import ManifestView

_COLORS = {True: ("brightgreen", "#2f8062"), False: ("orange", "#a35f00")}
_LABEL_LIMIT, _MESSAGE_LIMIT = 40, 40
_CHARACTER = 6.6  # slightly more than the mean width of a character at 11 px
_PADDING = 12


def _label_and_message(manifest: ManifestView) -> tuple[str, str]:
    state = "complete" if manifest.backend_complete else "not complete"
    version = escape_for_display(manifest.version, _MESSAGE_LIMIT)
    return escape_for_display(manifest.name or "backend", _LABEL_LIMIT), f"{version} {state}"


def endpoint(manifest: ManifestView) -> str:
    """Return the JSON that shields.io reads for an endpoint badge."""
    label, message = _label_and_message(manifest)
    color, _ = _COLORS[manifest.backend_complete]
    badge = {"schemaVersion": 1, "label": label, "message": message, "color": color}
    return json.dumps(badge, ensure_ascii=False) + "\n"


def svg(manifest: ManifestView) -> str:
    """Return an SVG image that needs no web font and no service."""
    texts = _label_and_message(manifest)
    left, right = (round(len(text) * _CHARACTER) + _PADDING for text in texts)
    label, message = (escape(text, {'"': "&quot;"}) for text in texts)
    _, color = _COLORS[manifest.backend_complete]
    font = 'font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" fill="#fff"'
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" \
aria-label="{label}: {message}">
<title>{label}: {message}</title>
<rect width="{left}" height="20" fill="#444c56"/>
<rect x="{left}" width="{right}" height="20" fill="{color}"/>
<g {font} text-anchor="middle">
<text x="{left / 2:g}" y="14">{label}</text>
<text x="{left + right / 2:g}" y="14">{message}</text>
</g>
</svg>
"""
