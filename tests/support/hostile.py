"""Strings that try to run code or markup wherever a report shows them."""

from __future__ import annotations

from pathlib import Path

from valhalla_manifest import open_manifest

NAME = "<script>alert(1)</script> & \"q\" 'a' $(touch pwned) `touch pwned` | *b* @all #1 %0A"
NOTES = """\
first; touch pwned
::error::injected
##[error]injected
%0A::error::injected
EOF
</textarea><img src=x onerror=alert(1)> <!-- --> ``` =1+1
$(touch pwned) `touch pwned` ${HOME} \\n 'single' "double"
https://example.com www.example.com {{ 7 * 7 }} {% raw %}"""
OWNER = "=cmd|' /C calc'!A0,\"x\";"


def make(path: Path) -> None:
    """Write the hostile strings into a manifest."""
    with open_manifest(path) as manifest:
        manifest.set_notes(NOTES)
        manifest.set_pack("H", name=NAME, owner=OWNER, description=NOTES)
